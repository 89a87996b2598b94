// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "attest/sbom/sbom_result.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/gate.h"
#include "cli/gate_fat.h"
#include "verifier/pipeline.h"
#include "verifier/source_files.h"
#include "verifier/target/target.h"

/* One pair being judged. */
struct judging {
    const struct gate *gate;
    const struct manifest_pair *pair;
    unsigned jobs;
    const struct gate_teller *teller;
    struct arena arena;
    struct rebuilder *rebuilder;
    struct target target;
    struct subject_result *results;
    struct container_result *containers;
    size_t container_count;
    struct source_files source;
    struct pair_record record;
    enum outcome outcome;
    struct error error;
    bool failed;
};

bool gate_open_artifact(const struct gate *gate, const struct manifest_pair *pair, int *ret,
                        struct error *err)
{
    struct error why;
    if (gate->artifacts < 0 || !file_open_input(gate->artifacts, pair->artifact, ret, &why)) {
        return gate->artifacts < 0 || why.code == ERROR_ABSENT ||
               error_set(err, why.code, "%s", why.message);
    }
    return true;
}

static const char *artifact_path(struct judging *judging)
{
    const struct gate *gate = judging->gate;
    return arena_printf(&judging->arena, "%s/%s/%s", gate->folder, gate->manifest.artifacts,
                        judging->pair->artifact);
}

/* ${version}, ${name} and ${platform} of what the manifest says of flags. */
static const char *expand(const struct judging *judging, const char *text, struct arena *arena)
{
    const struct {
        const char *name, *value;
    } words[] = {{"${version}", judging->gate->manifest.version},
                 {"${name}", judging->gate->manifest.name},
                 {"${platform}", judging->pair->platforms.items[0]}};
    struct buffer out;
    buffer_init(&out, MIB);
    while (*text != '\0') {
        size_t i = 0;
        while (i < ARRAY_LEN(words) && strncmp(text, words[i].name, strlen(words[i].name)) != 0) {
            i++;
        }
        if (i < ARRAY_LEN(words)) {
            buffer_string(&out, words[i].value);
            text += strlen(words[i].name);
        } else {
            buffer_byte(&out, (uint8_t)*text++);
        }
    }
    const char *expanded = arena_string(arena, buffer_cstring(&out));
    buffer_free(&out);
    return expanded;
}

static struct recipe_hints hints_of(struct judging *judging, const struct target_subject *subject)
{
    const struct manifest *manifest = &judging->gate->manifest;
    const struct manifest_pair *pair = judging->pair;
    return (struct recipe_hints){
        .target = arena_printf(&judging->arena, "%s/%s", manifest->artifacts, pair->artifact),
        .package_version = subject->package_version,
        .package_name = subject->package_name,
        .source_module = "",
        .source_version = "",
        .source_directory = judging->gate->source,
        .toolchain = "",
        .ldflags = expand(judging, pair->ldflags[0] != '\0' ? pair->ldflags : manifest->ldflags,
                          &judging->arena),
        .tags = pair->tags[0] != '\0' ? pair->tags : manifest->tags,
        .environment = manifest->environment,
        .environment_count = manifest->environment_count,
    };
}

/* -- how it goes -- */

static void on_stage(void *context, const char *text)
{
    gate_tell(context, strcmp(text, "compare") == 0 ? STAGE_COMPARE : STAGE_PROVE, 0, 0);
}

static void on_transfer(void *context, const char *what, uint64_t done, uint64_t total)
{
    (void)what;
    gate_tell(context, STAGE_FETCH, done, total);
}

static void on_build(void *context, const char *change, double seconds)
{
    (void)change;
    (void)seconds;
    gate_tell(context, STAGE_BUILD, 0, 0);
}

static void on_search(void *context, uint64_t tried, double seconds)
{
    (void)tried;
    (void)seconds;
    gate_tell(context, STAGE_COMPARE, 0, 0);
}

static bool open_rebuilder(struct judging *judging, struct error *err)
{
    const struct gate *gate = judging->gate;
    const struct common_settings *common = &gate->settings->common;
    const char **expect = ARENA_NEW(&judging->arena, const char *);
    *expect = gate->manifest.expect;
    struct rebuild_settings settings = {
        .store = common->store,
        .state = common->state,
        .offline = common->offline,
        .jobs = judging->jobs,
        .sandbox = SANDBOX_BUBBLEWRAP,
        .accept = gate->manifest.accept.items,
        .accept_count = gate->manifest.accept.count,
        .expect = expect,
        .expect_count = 1,
        .standard_cache = !gate->settings->cold,
        .progress = {on_stage, on_transfer, on_build, on_search,
                     (void *)(uintptr_t)judging->teller},
    };
    return rebuilder_open(&settings, &judging->rebuilder, err);
}

/* -- members that are no Go binary -- */

static bool is_accepted(const struct judging *judging, const struct target_member *member)
{
    const struct manifest *manifest = &judging->gate->manifest;
    for (size_t i = 0; i < manifest->member_count; i++) {
        const struct manifest_member *accepted = &manifest->members[i];
        if (strcmp(accepted->name, member->name) == 0 &&
            (!accepted->has_sha256 ||
             (member->regular && sha256_equal(&accepted->sha256, &member->sha256)))) {
            return true;
        }
    }
    return false;
}

static void judge_members(struct judging *judging, const struct target_container *from,
                          struct container_result *ret)
{
    size_t room = from->other_count + judging->target.subject_count + 1;
    const char **unproven = ARENA_ARRAY(&judging->arena, room, const char *);
    size_t count = 0;
    for (size_t i = 0; i < from->other_count; i++) {
        const struct target_member *member = &from->others[i];
        if (!is_accepted(judging, member) && source_files_find(&judging->source, member) == NULL) {
            unproven[count++] = member->name;
        }
    }
    *ret = (struct container_result){.name = judging->pair->artifact,
                                     .sha256 = from->sha256,
                                     .purl = from->purl,
                                     .members = from->member_count,
                                     .unproven = unproven,
                                     .unproven_count = count};
}

/* A universal file by itself is a container, of its slices. */
static struct container_result *container_of_slices(struct judging *judging, size_t first,
                                                    size_t count)
{
    size_t index = judging->target.subjects[first].container;
    if (index != TARGET_NO_CONTAINER) {
        return &judging->containers[index];
    }
    struct container_result *container = &judging->containers[judging->container_count];
    *container = (struct container_result){.name = judging->pair->artifact,
                                           .sha256 = judging->record.sha256,
                                           .purl = "",
                                           .members = count,
                                           .unproven = ARENA_NEW(&judging->arena, const char *)};
    for (size_t i = first; i < first + count; i++) {
        judging->results[i].container = judging->container_count;
    }
    judging->container_count++;
    return container;
}

static bool judge_slices(struct judging *judging, struct error *err)
{
    const struct target *target = &judging->target;
    for (size_t i = 0; i < target->subject_count; i++) {
        size_t count = gate_fat_count(target, i);
        bool stray;
        uint64_t offset;
        if (count == 0) {
            continue;
        }
        if (!gate_fat_stray(target, i, count, &stray, &offset, err)) {
            return false;
        }
        struct container_result *container = container_of_slices(judging, i, count);
        if (stray) {
            container->unproven[container->unproven_count++] = arena_printf(
                &judging->arena, "%s: what it holds outside its slices, at offset %llu",
                judging->results[i].name, (unsigned long long)offset);
        }
        i += count - 1;
    }
    return true;
}

/* -- subjects -- */

static enum outcome outcome_of(const struct subject_result *result)
{
    if (result->tampered) {
        return OUTCOME_TAMPERED;
    }
    if (result->verdict == VERDICT_DIFFERENT) {
        return OUTCOME_REFUTED;
    }
    return result->accepted ? OUTCOME_HOLDS : OUTCOME_UNDECIDED;
}

static bool write_sbom(struct judging *judging, size_t index, struct error *err)
{
    const struct common_settings *common = &judging->gate->settings->common;
    struct sbom_result_settings settings = {
        .store = common->store, .state = common->state, .jobs = judging->jobs};
    AUTO(buffer) struct buffer out = {0};
    const char *name =
        arena_printf(&judging->arena, "%s.%zu.spdx.json", judging->pair->name, index);
    buffer_init(&out, LIMIT_EVIDENCE_BYTES);
    gate_tell(judging->teller, STAGE_DESCRIBE, 0, 0);
    return sbom_write_result(&judging->results[index], &judging->target.subjects[index].source,
                             &settings, SBOM_SPDX_23, &out, err) &&
           file_write_atomic(judging->gate->work, name, 0644, buffer_view(&out), err);
}

/* As the manifest calls it; a slice, "tool (arm64)", as "tool-arm64", which can be a file's name.
 */
static const char *name_of_whole(struct judging *judging, const struct target_subject *subject)
{
    const char *path = artifact_path(judging);
    size_t len = strlen(path);
    const char *slice = strncmp(subject->name, path, len) == 0 ? subject->name + len : "";
    size_t more = strlen(slice);
    return more < 4 ? judging->pair->artifact
                    : arena_printf(&judging->arena, "%s-%.*s", judging->pair->artifact,
                                   (int)(more - 3), slice + 2);
}

static bool judge_subject(struct judging *judging, size_t index, struct error *err)
{
    const struct target_subject *subject = &judging->target.subjects[index];
    struct subject_result *result = &judging->results[index];
    struct recipe_hints hints = hints_of(judging, subject);
    if (!rebuild_subject(judging->rebuilder, &subject->source, subject->file, &hints,
                         &judging->arena, result, NULL, err)) {
        return false;
    }
    bool whole = subject->container == TARGET_NO_CONTAINER;
    result->name = whole ? name_of_whole(judging, subject) : subject->name;
    result->container = whole ? SIZE_MAX : subject->container;
    enum outcome outcome = outcome_of(result);
    judging->outcome = index == 0 ? outcome : outcome_worse(judging->outcome, outcome);
    source_files_add(&judging->source, result, judging->jobs, &judging->arena);
    return outcome != OUTCOME_HOLDS || write_sbom(judging, index, err);
}

static bool judge_all(struct judging *judging, struct error *err)
{
    struct target *target = &judging->target;
    judging->results = ARENA_ARRAY(&judging->arena, target->subject_count, struct subject_result);
    judging->containers =
        ARENA_ARRAY(&judging->arena, target->container_count + 1, struct container_result);
    for (size_t i = 0; i < target->subject_count; i++) {
        if (!judge_subject(judging, i, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < target->container_count; i++) {
        judge_members(judging, &target->containers[i], &judging->containers[i]);
    }
    judging->container_count = target->container_count;
    for (size_t i = 0; i < target->refused_count; i++) {
        const struct target_refused *refused = &target->refused[i];
        judging->outcome = outcome_worse(judging->outcome, outcome_of_input_error(&refused->error));
        judging->error = refused->error;
        error_prefix(&judging->error, "%s", refused->name);
        judging->failed = true;
    }
    return judge_slices(judging, err);
}

/* The digest of the artifact, from a descriptor that stays open until all is judged. */
static bool digest_artifact(struct judging *judging, int fd, struct error *err)
{
    struct source source;
    if (!source_from_fd(fd, &source, err) ||
        !sha256_source(&source, &judging->record.sha256, err)) {
        return false;
    }
    judging->record.size = source.size;
    judging->record.has_artifact = true;
    return true;
}

/* What cannot be read is a finding about this pair. */
static void fail(struct judging *judging, const struct error *err, enum outcome outcome)
{
    judging->error = *err;
    judging->failed = true;
    judging->outcome = outcome;
    judging->results = NULL;
}

static bool ends_all(const struct error *err)
{
    return err->code == ERROR_INTERRUPTED || err->code == ERROR_INTERNAL;
}

static bool judge_artifact(struct judging *judging, struct error *err)
{
    const struct gate *gate = judging->gate;
    AUTO_FD int fd = -1;
    if (!gate_open_artifact(gate, judging->pair, &fd, err)) {
        fail(judging, err, outcome_of_input_error(err));
        return true;
    }
    if (fd < 0) {
        return true;
    }
    if (!digest_artifact(judging, fd, err) ||
        !target_open(artifact_path(judging), rebuilder_inspector(judging->rebuilder),
                     rebuilder_workspace(judging->rebuilder)->path, &judging->arena,
                     &judging->target, err)) {
        fail(judging, err, outcome_of_input_error(err));
        return !ends_all(err);
    }
    return judge_all(judging, err);
}

static void render_result(struct judging *judging, struct buffer *out)
{
    if (judging->results == NULL) {
        return;
    }
    struct rebuild_result result = {
        .tool_version = REPROOF_VERSION,
        .exit_code = exit_code(judging->outcome),
        .subjects = judging->results,
        .subject_count = judging->target.subject_count,
        .containers = judging->containers,
        .container_count = judging->container_count,
    };
    report_rebuild_json(&result, out);
}

static bool write_record(struct judging *judging, struct error *err)
{
    AUTO(buffer) struct buffer result = {0}, out = {0};
    struct pair_record *record = &judging->record;
    buffer_init(&result, LIMIT_JSON_BYTES);
    buffer_init(&out, LIMIT_JSON_BYTES);
    render_result(judging, &result);
    record->result = buffer_view(&result);
    record->exit = exit_code(judging->outcome);
    record->error = judging->failed ? &judging->error : NULL;
    pair_record_write(record, &out);
    if (!buffer_ok(&result) || !buffer_ok(&out)) {
        return error_set(err, ERROR_LIMIT, "the result of %s is too long", judging->pair->name);
    }
    const char *name = arena_printf(&judging->arena, "%s.json", judging->pair->name);
    return file_write_atomic(judging->gate->work, name, 0644, buffer_view(&out), err);
}

bool gate_judge_pair(const struct gate *gate, const struct manifest_pair *pair, unsigned jobs,
                     const struct gate_teller *teller, struct error *err)
{
    struct judging judging = {
        .gate = gate,
        .pair = pair,
        .jobs = jobs,
        .teller = teller,
        .target = {.scratch = -1, .scratch_parent = -1},
        .source = {.artifacts =
                       arena_printf(gate->arena, "%s/%s", gate->folder, gate->manifest.artifacts)},
        .record = {.manifest = &gate->manifest, .pair = pair}};
    bool ok = open_rebuilder(&judging, err) && judge_artifact(&judging, err);
    if (!ok && !ends_all(err)) {
        fail(&judging, err, outcome_of_error(err));
        ok = true;
    }
    ok = ok && write_record(&judging, err);
    target_free(&judging.target);
    rebuilder_free(&judging.rebuilder);
    arena_free(&judging.arena);
    return ok;
}
