// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/build_command.h"
#include "verifier/recipe/git_stub_bytes.h"

struct bytes build_stub_git(void)
{
    return bytes_from(embedded_bytes, sizeof(embedded_bytes));
}

bool build_stub_answers(const struct recipe *recipe, const struct build_layout *layout,
                        struct arena *arena, struct bytes *ret, struct error *err)
{
    const struct vcs_stamp *vcs = &recipe->vcs;
    if (!recipe_validate(recipe, err)) {
        return false;
    }
    if (!vcs->present) {
        *ret = bytes_from(NULL, 0);
        return true;
    }
    *ret = bytes_from_string(arena_printf(
        arena,
        "root %s\nrevision %s\ntime %llu\nmodified %d\ntag %s\nbase %s\ndevel %d\nno-go-mod %d\n",
        layout->source, vcs->revision, (unsigned long long)vcs->unix_time, vcs->modified, vcs->tag,
        vcs->base, vcs->devel, vcs->no_go_mod));
    return true;
}
