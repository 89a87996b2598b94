// SPDX-License-Identifier: Apache-2.0
/* A packed artifact says nothing of itself: the recipe is read off what is inside, which the upx of
 * this machine unpacks; what is judged in the end is the packed file. */
#include "verifier/pipeline_internal.h"
#include "verifier/sandbox/unpacker.h"

static bool unpack(struct subject_run *run, const char **ret_tool, struct error *err)
{
    struct inspection *files;
    size_t count;
    if (!unpacker_run(run->artifact, run->arena, &run->unpacked_fd, ret_tool, err) ||
        !source_from_fd(run->unpacked_fd, &run->unpacked, err) ||
        !inspector_run(run->inspector, run->unpacked_fd, run->file->name, run->arena, &files,
                       &count, err)) {
        return false;
    }
    if (count != 1) {
        return error_set(err, ERROR_UNSUPPORTED, "%zu programs are inside", count);
    }
    run->packed_file = run->file;
    run->packed_artifact = run->artifact;
    run->file = &files[0];
    run->artifact = &run->unpacked;
    return true;
}

enum step open_packed(struct subject_run *run, struct error *err)
{
    const char *packer = run->file->traits.packer;
    const char *tool;
    struct error why;
    if (packer[0] == '\0' || run->file->has_buildinfo) {
        return STEP_GO_ON;
    }
    if (unpack(run, &tool, &why)) {
        return STEP_GO_ON;
    }
    if (why.code == ERROR_INTERRUPTED) {
        *err = why;
        return STEP_FAILED;
    }
    return settle_unproven(run, "no-build-information",
                           arena_printf(run->arena,
                                        "packed by %s, and what is inside cannot be seen: %s",
                                        packer, why.message),
                           "install upx, or unpack the file (upx -d) and rebuild what comes out");
}

bool close_packed(struct subject_run *run, struct error *err)
{
    struct source rebuild;
    if (run->packed_file == NULL) {
        return true;
    }
    recipe_infer(&run->result->notes, run->arena, "packer", run->packed_file->traits.packer,
                 "the recipe is read off the unpacked file");
    run->file = run->packed_file;
    run->artifact = run->packed_artifact;
    if (run->rebuild_fd < 0) {
        return true;
    }
    if (!source_from_fd(run->rebuild_fd, &rebuild, err) ||
        !compare_sources(run->artifact, &rebuild, &run->comparison, err)) {
        return false;
    }
    record_comparison(run);
    return true;
}
