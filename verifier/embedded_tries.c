// SPDX-License-Identifier: Apache-2.0
/* Embedded files that the source lacks, or has otherwise, put into the working copy out of the
 * artifact, and what that means for the result. Where the artifact says nothing of them, that is
 * said. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "verifier/embedded.h"
#include "verifier/embedded_source.h"
#include "verifier/pipeline_internal.h"

/* Contents in the order of their digests. */
struct contents {
    const struct embedded_file **items;
    size_t count;
};

static int by_digest(const void *a, const void *b)
{
    const struct embedded_file *const *left = a;
    const struct embedded_file *const *right = b;
    return memcmp((*left)->sha256.bytes, (*right)->sha256.bytes, SHA256_LEN);
}

static struct contents sort_contents(const struct embedded_tables *tables, struct arena *arena)
{
    struct contents contents = {0};
    size_t total = 0;
    for (size_t i = 0; i < tables->count; i++) {
        total += tables->items[i].count;
    }
    contents.items = ARENA_ARRAY(arena, total, const struct embedded_file *);
    for (size_t i = 0; i < tables->count; i++) {
        for (size_t k = 0; k < tables->items[i].count; k++) {
            contents.items[contents.count++] = &tables->items[i].files[k];
        }
    }
    if (contents.count > 0) {
        qsort(contents.items, contents.count, sizeof(*contents.items), by_digest);
    }
    return contents;
}

static const struct embedded_file *find_content(const struct contents *contents,
                                                const struct recipe_embedded *wanted)
{
    struct embedded_file key = {.sha256 = wanted->sha256};
    const struct embedded_file *pointer = &key;
    const struct embedded_file **found = contents->count == 0
                                             ? NULL
                                             : bsearch(&pointer, contents->items, contents->count,
                                                       sizeof(*contents->items), by_digest);
    return found == NULL || (*found)->size != wanted->size ? NULL : *found;
}

static struct embedded_part part_of(const struct recipe_embedded *wanted,
                                    const struct embedded_file *content, struct arena *arena)
{
    struct embedded_part part = {.path = wanted->path,
                                 .size = wanted->size,
                                 .sha256 = wanted->sha256,
                                 .replaces = wanted->replaces,
                                 .ranges =
                                     ARENA_ARRAY(arena, content->piece_count, struct byte_range),
                                 .range_count = content->piece_count};
    for (size_t i = 0; i < content->piece_count; i++) {
        part.ranges[i] = (struct byte_range){content->pieces[i].offset, content->pieces[i].size};
    }
    return part;
}

static bool lay_file(struct subject_run *run, struct build_box *box,
                     const struct recipe_embedded *wanted, const struct embedded_file *content,
                     struct error *err)
{
    AUTO_FD int file = -1;
    return build_box_replace(box, wanted->path, &file, err) &&
           (embedded_copy(run->artifact, content, file, err) ||
            error_prefix(err, "%s", wanted->path));
}

/* Puts all that the recipe names into the working copy. */
static enum step lay_from(struct subject_run *run, struct build_box *box,
                          const struct embedded_tables *tables, struct error *err)
{
    const struct recipe *recipe = &run->recipe;
    struct contents contents = sort_contents(tables, run->arena);
    struct embedded_part *parts =
        ARENA_ARRAY(run->arena, recipe->embedded_count, struct embedded_part);
    uint64_t total = 0;
    for (size_t i = 0; i < recipe->embedded_count; i++) {
        const struct recipe_embedded *wanted = &recipe->embedded[i];
        const struct embedded_file *content = find_content(&contents, wanted);
        if (content == NULL) {
            return settle_unproven(run, "recipe-unknown",
                                   arena_printf(run->arena,
                                                "the recipe takes the embedded file %s out of the "
                                                "artifact, which has none with its digest",
                                                wanted->path),
                                   "");
        }
        total += wanted->size;
        if (total > LIMIT_EMBEDDED_TOTAL) {
            return settle_unproven(run, "limit", "more bytes in embedded files than any source has",
                                   "");
        }
        if (!lay_file(run, box, wanted, content, err)) {
            return settle_error(run, err, "source-unavailable");
        }
        parts[i] = part_of(wanted, content, run->arena);
    }
    run->result->embedded = parts;
    run->result->embedded_count = recipe->embedded_count;
    recipe_note_embedded(recipe, run->arena, &run->result->notes);
    return STEP_GO_ON;
}

enum step lay_embedded(struct subject_run *run, struct build_box *box, struct error *err)
{
    struct embedded_tables tables;
    if (run->recipe.embedded_count == 0) {
        return STEP_GO_ON;
    }
    if (!embedded_list(run->artifact, run->arena, &tables, err)) {
        return settle_error(run, err, "recipe-unknown");
    }
    return lay_from(run, box, &tables, err);
}

/* The reason so far, and why the artifact does not help. */
static enum step tell(struct subject_run *run, const char *why)
{
    struct reason *reason = &run->result->reason;
    if (reason->code != NULL) {
        reason->detail = arena_printf(run->arena, "%s; %s", reason->detail, why);
        reason->cure = arena_printf(
            run->arena, "reproof rebuild %s --source DIR, where DIR has what the build generates",
            target_of(run));
    }
    return STEP_SETTLED;
}

static enum step tell_nothing_found(struct subject_run *run, const struct embedded_tables *tables,
                                    const char *refused)
{
    if (refused != NULL) {
        return tell(run, arena_printf(run->arena,
                                      "%s is not taken from the artifact, as go would compile it",
                                      refused));
    }
    if (tables->count == 0) {
        return tell(run,
                    "the artifact has no table of embedded files to take them from (variables of "
                    "type string or []byte have none, and nothing tells where such a text ends)");
    }
    return tell(run, arena_printf(run->arena,
                                  "none of the %zu tables of embedded files in the artifact fits "
                                  "what the source embeds (variables of type string or []byte have "
                                  "no table)",
                                  tables->count));
}

/* STEP_SETTLED: there is nothing to put in. */
enum step find_embedded(struct subject_run *run, struct build_box *box, struct error *err)
{
    struct embedded_tables tables;
    struct embedded_needs needs;
    struct error why;
    struct embedded_question question = {
        .tables = &tables,
        .module = run->recipe.module,
        .tree = run->result->source.tree,
        .deps = run->deps,
        .dep_count = run->recipe.dep_count,
    };
    if (!embedded_list(run->artifact, run->arena, &tables, &why)) {
        if (why.code == ERROR_INTERRUPTED) {
            *err = why;
            return STEP_FAILED;
        }
        return tell(run, arena_printf(run->arena, "its tables of embedded files cannot be read: %s",
                                      why.message));
    }
    embedded_compare(&question, run->arena, &run->result->notes, &needs);
    if (needs.count == 0) {
        return tell_nothing_found(run, &tables, needs.refused);
    }
    run->recipe.embedded = needs.items;
    run->recipe.embedded_count = needs.count;
    return lay_from(run, box, &tables, err);
}

/* The list says where each file stands in the artifact; together they are a part of it that nothing
 * was compared with. */
static struct removed_part part_of_all(struct subject_run *run)
{
    const struct subject_result *result = run->result;
    size_t count = 0;
    for (size_t i = 0; i < result->embedded_count; i++) {
        count += result->embedded[i].range_count;
    }
    struct byte_range *ranges = ARENA_ARRAY(run->arena, count, struct byte_range);
    size_t used = 0;
    for (size_t i = 0; i < result->embedded_count; i++) {
        for (size_t k = 0; k < result->embedded[i].range_count; k++) {
            ranges[used++] = result->embedded[i].ranges[k];
        }
    }
    return (struct removed_part){
        .name = "embedded-from-artifact", .version = 1, .ranges = ranges, .range_count = count};
}

void weaken_by_embedded(struct subject_run *run)
{
    struct subject_result *result = run->result;
    bool equal = result->verdict == VERDICT_REPRODUCED || result->verdict == VERDICT_EQUIVALENT;
    if (!equal || result->embedded_count == 0) {
        return;
    }
    struct removed_part *parts =
        ARENA_ARRAY(run->arena, result->removed_count + 1, struct removed_part);
    for (size_t i = 0; i < result->removed_count; i++) {
        parts[i] = result->removed[i];
    }
    parts[result->removed_count] = part_of_all(run);
    result->verdict = VERDICT_EQUIVALENT;
    result->removed = parts;
    result->removed_count++;
}
