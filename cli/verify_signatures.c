// SPDX-License-Identifier: Apache-2.0
/* The rule "signature", where it is required: enough distinct trusted keys signed this very file,
 * and none of their signatures contradicts it. */
#include <fcntl.h>
#include <string.h>

#include "cli/verify.h"

static bool gather_named(struct verify_run *run, struct verify_file *file, struct error *err)
{
    const struct strings *named = &run->settings->signatures;
    file->found = ARENA_ARRAY(file->arena, named->count, struct found_signature);
    for (size_t i = 0; i < named->count; i++) {
        struct found_signature *found = &file->found[i];
        if (!found_signature_read(AT_FDCWD, named->items[i], named->items[i], file->arena, found)) {
            return error_set(err, ERROR_ABSENT, "there is no file %s", named->items[i]);
        }
        found->named = true;
    }
    file->found_count = named->count;
    return true;
}

static void gather_from(struct verify_file *file, int dir, const char *folder)
{
    struct found_signature *found;
    size_t count;
    beside_signatures(dir, folder, file->name, file->arena, &found, &count);
    for (size_t i = 0; i < count; i++) {
        arena_grow(file->arena, &file->found, file->found_count, &file->found_capacity,
                   sizeof(*file->found));
        file->found[file->found_count++] = found[i];
    }
}

/* Beside the file, and under its name in the places that --evidence names. */
static void gather_all(struct verify_run *run, struct verify_file *file)
{
    gather_from(file, file->directory, file->folder);
    for (size_t i = 0; i < run->place_count; i++) {
        if (run->places[i].dir >= 0 && strcmp(run->places[i].folder, file->folder) != 0) {
            gather_from(file, run->places[i].dir, run->places[i].folder);
        }
    }
}

static bool gather(struct verify_run *run, struct verify_file *file, struct error *err)
{
    file->parts |= MESSAGE_SHA256;
    if (!verify_requires(run, "signature")) {
        return true;
    }
    if (run->settings->signatures.count > 0) {
        if (!gather_named(run, file, err)) {
            return false;
        }
    } else {
        gather_all(run, file);
    }
    for (size_t i = 0; i < file->found_count; i++) {
        file->parts |= file->found[i].readable ? file->found[i].signature.parts : 0;
    }
    return true;
}

static struct verify_signature *add(struct verify_file *file, const struct found_signature *found,
                                    const char *list)
{
    arena_grow(file->arena, &file->signatures, file->signature_count, &file->signature_capacity,
               sizeof(*file->signatures));
    struct verify_signature *added = &file->signatures[file->signature_count++];
    *added = (struct verify_signature){.found = found, .list = list};
    added->finding.result = SIGNATURE_UNUSABLE;
    added->finding.reason = found->reason;
    return added;
}

/* A list says something of FILE only if it names it. */
static void judge_list(struct verify_run *run, struct verify_file *file,
                       const struct signed_list *list)
{
    const struct checksum *entry = checksums_find(&list->checksums, bytes_from_string(file->name));
    /* A trusted comment names the list, not the file. */
    struct signature_rules rules = run->signature_rules;
    rules.file_name = NULL;
    for (size_t i = 0; entry != NULL && i < list->count; i++) {
        struct verify_signature *told = add(file, &list->signatures[i], list->path);
        if (!told->found->readable) {
            continue;
        }
        signature_judge(&told->found->signature, &list->message, &run->policy.signers.trust, &rules,
                        &told->finding);
        if (told->finding.result == SIGNATURE_GOOD &&
            !sha256_equal(&entry->digest, &file->message.sha256)) {
            told->finding.result = SIGNATURE_BAD;
            error_set(&told->finding.reason, ERROR_MISMATCH,
                      "the signed list has another digest for %s", file->name);
        }
    }
}

static void judge_embedded(struct verify_run *run, struct verify_file *file,
                           const struct found_signature *found)
{
    struct signed_list list;
    struct error why;
    size_t before = file->signature_count;
    if (!signed_list_embedded(found, file->arena, &list, &why)) {
        add(file, found, found->path)->finding.reason = why;
        return;
    }
    judge_list(run, file, &list);
    if (file->signature_count == before) {
        error_set(&add(file, found, found->path)->finding.reason, ERROR_ABSENT,
                  "the signed list does not name %s", file->name);
    }
}

static void judge_own(struct verify_run *run, struct verify_file *file)
{
    struct signature_rules rules = run->signature_rules;
    rules.file_name = run->settings->any_name ? NULL : file->name;
    for (size_t i = 0; i < file->found_count; i++) {
        const struct found_signature *found = &file->found[i];
        if (found->readable && found->signature.list.len > 0) {
            judge_embedded(run, file, found);
            continue;
        }
        struct verify_signature *told = add(file, found, NULL);
        if (found->readable) {
            signature_judge(&found->signature, &file->message, &run->policy.signers.trust, &rules,
                            &told->finding);
        }
    }
}

static void load_lists(struct verify_run *run, const struct verify_file *file)
{
    struct verify_lists *lists = &run->lists;
    if (lists->folder == NULL || strcmp(lists->folder, file->folder) != 0) {
        arena_free(&lists->arena);
        lists->folder = arena_string(&lists->arena, file->folder);
        beside_lists(file->directory, file->folder, &lists->arena, &lists->lists, &lists->count);
    }
}

/* True if the good signature AT is by a key that none before it is by: the same key twice, be it
 * under two owners, counts once. */
static bool is_new_key(const struct verify_file *file, size_t at)
{
    const struct verify_signature *told = &file->signatures[at];
    if (told->finding.result != SIGNATURE_GOOD) {
        return false;
    }
    for (size_t i = 0; i < at; i++) {
        const struct signature_finding *earlier = &file->signatures[i].finding;
        if (earlier->result == SIGNATURE_GOOD &&
            public_key_equal(&earlier->key->public.point, &told->finding.key->public.point)) {
            return false;
        }
    }
    return true;
}

static void decide(const struct verify_run *run, const struct verify_file *file, size_t good,
                   struct rule_result *ret)
{
    ret->reason = file->signature_count == 0 ? "no signature lies beside it" : "";
    ret->state = good >= run->policy.signer_threshold ? RULE_MET : RULE_UNDECIDED;
    for (size_t i = 0; i < file->signature_count; i++) {
        const struct verify_signature *told = &file->signatures[i];
        if (told->found->named && told->finding.result == SIGNATURE_UNUSABLE) {
            ret->state = RULE_UNUSABLE;
            ret->reason = "a signature named on the command line is unusable";
        }
    }
    for (size_t i = 0; i < file->signature_count; i++) {
        if (file->signatures[i].finding.result == SIGNATURE_BAD) {
            ret->state = RULE_REFUTED;
            ret->reason = "a signature contradicts";
        }
    }
}

static bool judge(struct verify_run *run, struct verify_file *file, struct error *err)
{
    size_t good = 0;
    (void)err;
    if (!verify_requires(run, "signature")) {
        return true;
    }
    judge_own(run, file);
    if (run->settings->signatures.count == 0) {
        load_lists(run, file);
        for (size_t i = 0; i < run->lists.count; i++) {
            judge_list(run, file, &run->lists.lists[i]);
        }
    }
    for (size_t i = 0; i < file->signature_count; i++) {
        good += is_new_key(file, i) ? 1 : 0;
    }
    struct rule_result *result = verify_add_result(file, "signature");
    result->target = arena_printf(file->arena, "%zu", run->policy.signer_threshold);
    result->actual = arena_printf(file->arena, "%zu", good);
    decide(run, file, good, result);
    return true;
}

const struct verify_rule verify_rule_signature = {
    .name = "signature",
    .gather = gather,
    .judge = judge,
};
