// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "attest/release/manifest_version.h"
#include "base/file.h"
#include "base/file_batch.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "cli/gate.h"
#include "verifier/fetch/fetch.h"
#include "verifier/fetch/toolchain.h"
#include "verifier/source_files.h"
#include "verifier/target/target.h"

/* A manifest being made of what lies in a folder. */
struct making {
    const struct invocation *invocation;
    struct arena *arena;
    const char *folder; /* as typed, without a slash at its end */
    struct target target;
    struct manifest manifest;
    size_t passed; /* subjects that are judged in an archive instead */
    size_t pair_capacity, other_capacity, member_capacity, package_capacity;
};

/* The file that SUBJECT is published as, beneath the folder. The slices of a universal file go by
 * its name with the architecture behind it: "dist/tool (arm64)". */
static const char *artifact_of(const struct making *making, const struct target_subject *subject)
{
    size_t lead = strlen(making->folder) + 1;
    if (subject->container != TARGET_NO_CONTAINER) {
        return making->target.containers[subject->container].name + lead;
    }
    struct bytes name = bytes_from_string(subject->name + lead), slice;
    if (subject->file->slice_offset > 0 && scan_cut_last(name, '(', &name, &slice)) {
        name = bytes_first(name, name.len - 1);
    }
    return arena_text(making->arena, name);
}

static void add_text(struct making *making, struct text_list *list, size_t *capacity,
                     const char *text)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], text) == 0) {
            return;
        }
    }
    arena_grow(making->arena, &list->items, list->count, capacity, sizeof(text));
    list->items[list->count++] = text;
}

static struct manifest_pair *find_pair(struct making *making, const char *artifact)
{
    for (size_t i = 0; i < making->manifest.pair_count; i++) {
        if (strcmp(making->manifest.pairs[i].artifact, artifact) == 0) {
            return &making->manifest.pairs[i];
        }
    }
    return NULL;
}

/* A pair's file is called as its artifact, with what a file's name should not have taken out. */
static const char *pair_name(struct making *making, const char *artifact)
{
    char *name = arena_string(making->arena, file_base_name(artifact));
    for (char *c = name; *c != '\0'; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || strchr("-._+", *c) != NULL;
        *c = (char)(plain ? *c : '_');
    }
    return name;
}

/* What GoReleaser made an archive of is judged in that archive. */
static bool is_judged_elsewhere(const struct making *making, const struct target_subject *subject)
{
    const struct target *target = &making->target;
    for (size_t i = 0; subject->unpublished && i < target->subject_count; i++) {
        const struct target_subject *other = &target->subjects[i];
        if (!other->unpublished && sha256_equal(&other->file->sha256, &subject->file->sha256)) {
            return true;
        }
    }
    return false;
}

static void add_subject(struct making *making, const struct target_subject *subject)
{
    struct manifest *manifest = &making->manifest;
    const char *artifact = artifact_of(making, subject);
    struct manifest_pair *pair = find_pair(making, artifact);
    size_t few = 0;
    if (pair == NULL) {
        arena_grow(making->arena, &manifest->pairs, manifest->pair_count, &making->pair_capacity,
                   sizeof(*pair));
        pair = &manifest->pairs[manifest->pair_count++];
        *pair = (struct manifest_pair){.name = pair_name(making, artifact),
                                       .artifact = artifact,
                                       .variant = "",
                                       .program = "",
                                       .ldflags = "",
                                       .tags = ""};
    }
    few = pair->platforms.count;
    add_text(making, &pair->platforms, &few,
             arena_printf(making->arena, "%s/%s", subject->file->goos, subject->file->goarch));
    if (subject->file->has_buildinfo) {
        add_text(making, &manifest->packages, &making->package_capacity, subject->file->info.path);
    }
}

/* Several artifacts for one platform are told apart by their names. */
static void name_programs(struct making *making)
{
    struct manifest *manifest = &making->manifest;
    for (size_t i = 0; i < manifest->pair_count; i++) {
        for (size_t j = 0; j < manifest->pair_count; j++) {
            if (i != j && strcmp(manifest->pairs[i].platforms.items[0],
                                 manifest->pairs[j].platforms.items[0]) == 0) {
                manifest->pairs[i].program = manifest->pairs[i].name;
            }
        }
    }
}

/* Packages hold the same LICENSE again and again. */
static bool is_listed(const struct manifest *manifest, const struct manifest_member *member)
{
    for (size_t i = 0; i < manifest->member_count; i++) {
        const struct manifest_member *listed = &manifest->members[i];
        if (strcmp(listed->name, member->name) == 0 && listed->has_sha256 == member->has_sha256 &&
            (!member->has_sha256 || sha256_equal(&listed->sha256, &member->sha256))) {
            return true;
        }
    }
    return false;
}

/* What is a copy of a file of this working copy will be proven. */
static void add_members(struct making *making)
{
    struct manifest *manifest = &making->manifest;
    struct source_files files = {.artifacts = making->folder};
    if (file_exists(AT_FDCWD, "go.mod")) {
        source_files_add_copy(&files, ".", "", making->arena);
    }
    for (size_t c = 0; c < making->target.container_count; c++) {
        const struct target_container *container = &making->target.containers[c];
        size_t lead = strlen(container->name) + 1;
        for (size_t i = 0; i < container->other_count; i++) {
            const struct target_member *other = &container->others[i];
            struct manifest_member member = {other->name + lead, other->regular, other->sha256};
            if (is_listed(manifest, &member) || source_files_find(&files, other) != NULL) {
                continue;
            }
            arena_grow(making->arena, &manifest->members, manifest->member_count,
                       &making->member_capacity, sizeof(member));
            manifest->members[manifest->member_count++] = member;
        }
    }
}

static bool add_others(struct making *making, int dir, const char *folder, unsigned depth,
                       struct error *err)
{
    char **names;
    size_t count;
    if (depth > LIMIT_TARGET_DEPTH || !directory_list(dir, making->arena, &names, &count, err)) {
        return depth <= LIMIT_TARGET_DEPTH ? false : error_set(err, ERROR_LIMIT, "nested too deep");
    }
    for (size_t i = 0; i < count; i++) {
        const char *path =
            folder[0] == '\0' ? names[i] : arena_printf(making->arena, "%s/%s", folder, names[i]);
        AUTO_FD int below = -1;
        if (directory_open_beneath(dir, names[i], &below, NULL)) {
            if (!add_others(making, below, path, depth + 1, err)) {
                return false;
            }
        } else if (find_pair(making, path) == NULL) {
            add_text(making, &making->manifest.others, &making->other_capacity, path);
        }
    }
    return true;
}

/* Experiments and a vendor's words stand behind the release: "go1.23.5 X:arenas". */
static const char *release_of(struct arena *arena, const char *go_version)
{
    return arena_text(arena, bytes_from(go_version, strcspn(go_version, " -(+")));
}

/* Where all agree, the manifest pins it. A working copy's version is no version. */
static bool settle_source(struct making *making, struct error *err)
{
    struct manifest *manifest = &making->manifest;
    const struct inspection *first = making->target.subjects[0].file;
    const char *module = first->info.main.path, *version = first->info.main.version;
    bool one_toolchain = true, local = file_exists(AT_FDCWD, "go.mod");
    for (size_t i = 0; i < making->target.subject_count; i++) {
        const struct inspection *file = making->target.subjects[i].file;
        if (!file->has_buildinfo || strcmp(file->info.main.path, module) != 0) {
            error_set(err, ERROR_UNSUPPORTED, "%s is of another module than %s",
                      making->target.subjects[i].name, making->target.subjects[0].name);
            return error_cure(err, "write a manifest for each module by hand");
        }
        one_toolchain &= strcmp(file->info.go_version, first->info.go_version) == 0;
    }
    bool tagged = version[0] == 'v' && strchr(version, '+') == NULL;
    if (!tagged && making->target.subjects[0].package_version[0] != '\0') {
        version = arena_printf(making->arena, "v%s", making->target.subjects[0].package_version);
        tagged = true;
    }
    const char *release = making->target.release == NULL ? "0.0.0" : making->target.release;
    manifest->name = file_base_name(module);
    manifest->version = tagged ? version : release;
    manifest->toolchain = one_toolchain ? release_of(making->arena, first->info.go_version) : "";
    manifest->source = local ? "." : "";
    manifest->expect =
        local || !tagged ? module : arena_printf(making->arena, "%s@%s", module, version);
    if (local) {
        size_t capacity = 0;
        add_text(making, &manifest->accept, &capacity, "local-source");
    } else if (!tagged) {
        error_set(err, ERROR_USAGE, "%s does not say which version of %s it is (\"%s\")",
                  making->target.subjects[0].name, module, version);
        return error_cure(err, "run it in the working copy (where go.mod lies)");
    }
    return true;
}

/* Asks the checksum database for the h1 of the toolchain that builds here. Who cannot be asked
 * leaves it out of the manifest, and is told of; a database that lies ends it. */
static bool pin_toolchain(struct making *making, struct error *err)
{
    const struct common_settings *common = making->invocation->settings;
    const char *goarch = toolchain_host_architecture();
    struct manifest *manifest = &making->manifest;
    struct fetcher *fetcher = NULL;
    struct fetch_settings fetching = {.store = common->store,
                                      .state = common->state,
                                      .offline = common->offline,
                                      .jobs = common->jobs};
    struct error why;
    if (manifest->toolchain[0] == '\0' || goarch == NULL) {
        return true;
    }
    bool ok = fetcher_open(&fetching, &fetcher, &why) &&
              fetch_toolchain_h1(fetcher, manifest->toolchain, "linux", goarch, making->arena,
                                 &manifest->toolchain_h1, &why);
    fetcher_free(&fetcher);
    if (!ok && why.code == ERROR_UNTRUSTED) {
        return error_pass(err, &why);
    }
    if (!ok) {
        terminal_note(making->invocation->terminal,
                      "reproof: the h1 of %s is left out of the manifest: %s", manifest->toolchain,
                      why.message);
    }
    return true;
}

static bool write_all(struct making *making, struct error *err)
{
    struct file_batch batch = {0};
    AUTO(buffer) struct buffer out = {0};
    AUTO_FD int folder = -1;
    const struct manifest *manifest = &making->manifest;
    buffer_init(&out, LIMIT_MANIFEST_BYTES);
    if (file_exists(AT_FDCWD, MANIFEST_NAME)) {
        error_set(err, ERROR_USAGE, "%s is there already", MANIFEST_NAME);
        return error_cure(err, "edit it, or remove it first");
    }
    manifest_write(manifest, &out);
    if (!directory_make_path(MANIFEST_PAIRS, &folder, err) || !buffer_ok(&out)) {
        return buffer_ok(&out) ? false : error_set(err, ERROR_LIMIT, "too many members");
    }
    bool ok = file_batch_add(&batch, MANIFEST_NAME, 0644, false, buffer_view(&out), err);
    for (size_t i = 0; ok && i < manifest->pair_count; i++) {
        const char *path =
            arena_printf(making->arena, MANIFEST_PAIRS "/%s.json", manifest->pairs[i].name);
        buffer_clear(&out);
        manifest_write_pair(&manifest->pairs[i], &out);
        ok = file_batch_add(&batch, path, 0644, false, buffer_view(&out), err);
    }
    ok = ok && file_batch_commit(&batch, err);
    file_batch_free(&batch);
    return ok;
}

static bool finish(struct making *making, struct error *err)
{
    manifest_generalise(&making->manifest, making->arena);
    name_programs(making);
    return manifest_check(&making->manifest, err) && write_all(making, err);
}

static bool make(struct making *making, struct error *err)
{
    AUTO_FD int dir = -1;
    struct inspector *inspector = NULL;
    const struct common_settings *common = making->invocation->settings;
    const char *scratch = arena_printf(making->arena, "%s/gate", common->store);
    bool ok = directory_open(making->folder, &dir, err) && inspector_open(0, &inspector, err) &&
              target_open(making->folder, inspector, scratch, making->arena, &making->target, err);
    inspector_free(&inspector);
    if (!ok) {
        return false;
    }
    for (size_t i = 0; i < making->target.subject_count; i++) {
        if (is_judged_elsewhere(making, &making->target.subjects[i])) {
            making->passed++;
        } else {
            add_subject(making, &making->target.subjects[i]);
        }
    }
    add_members(making);
    if (making->target.refused_count > 0) {
        *err = making->target.refused[0].error;
        return error_prefix(err, "%s", making->target.refused[0].name);
    }
    return (strcmp(making->folder, ".") == 0 || add_others(making, dir, "", 0, err)) &&
           settle_source(making, err) && pin_toolchain(making, err) && finish(making, err);
}

enum outcome gate_init(const struct invocation *invocation)
{
    struct making making = {.invocation = invocation,
                            .arena = invocation->arena,
                            .target = {.scratch = -1, .scratch_parent = -1},
                            .manifest = {.toolchain = "", .toolchain_h1 = "", .source = ""}};
    struct error err;
    if (invocation->operands.count != 1 || invocation->operands.items[0][0] == '/') {
        error_set(&err, ERROR_USAGE, "--init wants one folder below this one");
        error_cure(&err, "reproof gate --init dist");
        return command_fail(invocation, NULL, &err, OUTCOME_UNUSABLE);
    }
    struct bytes folder = bytes_from_string(invocation->operands.items[0]);
    while (folder.len > 1 && folder.data[folder.len - 1] == '/') {
        folder.len--;
    }
    making.folder = arena_text(invocation->arena, folder);
    making.manifest.artifacts = making.folder;
    bool ok = make(&making, &err);
    target_free(&making.target);
    if (!ok) {
        return command_fail(invocation, making.folder, &err, outcome_of_input_error(&err));
    }
    terminal_note(invocation->terminal,
                  "reproof: wrote %s and %zu pairs in %s; read them before you trust them: what "
                  "\"accept\" and \"members\" list is not proven, nor is what \"others\" lists",
                  MANIFEST_NAME, making.manifest.pair_count, MANIFEST_PAIRS);
    if (making.passed > 0) {
        terminal_note(invocation->terminal,
                      "reproof: %zu programs that GoReleaser made its archives of are among "
                      "\"others\": they are judged in the archives",
                      making.passed);
    }
    return OUTCOME_HOLDS;
}
