// SPDX-License-Identifier: Apache-2.0
/* A build that finds the standard library compiled already. Nothing hangs on it but time: whatever
 * goes wrong, the build begins with an empty cache. */
#include "verifier/fetch/standard.h"
#include "verifier/pipeline_internal.h"
#include "verifier/sandbox/build_standard.h"

struct standard {
    struct subject_run *run;
    const struct build_inputs *inputs;
    const struct build_settings *settings;
    struct workspace *workspace;
    struct build_box *box;
    const char **packages;
    size_t package_count;
    char key[SHA256_HEX_LEN + 1];
    struct arena arena;
};

static bool put(struct standard *standard, struct error *err)
{
    AUTO_FD int tree = -1;
    struct file_tree files;
    struct fetcher *fetcher = standard->run->fetcher;
    if (!standard_open(fetcher, standard->key, &standard->arena, &tree, &files, err)) {
        return false;
    }
    if (build_standard_put(standard->box, tree, &files, err)) {
        return true;
    }
    if (err->code == ERROR_UNTRUSTED) {
        standard_drop(fetcher, standard->key, err->message);
    }
    return false;
}

/* In a box with the toolchain and nothing else. */
static bool make(struct standard *standard, struct error *err)
{
    struct build_settings settings = *standard->settings;
    struct build_box *box = NULL;
    struct workspace draft = {.dir = -1};
    AUTO_FD int root = -1;
    settings.standard = true;
    settings.hash_log = false;
    bool ok = build_box_open(standard->inputs, &settings, standard->workspace, &box, err) &&
              build_standard_run(box, standard->packages, standard->package_count, &standard->arena,
                                 err) &&
              standard_draft(standard->run->fetcher, &standard->arena, &draft, &root, err) &&
              build_standard_take(box, root, err) &&
              standard_publish(standard->run->fetcher, standard->key, &draft, root, err);
    build_box_free(&box);
    workspace_free(&draft);
    return ok;
}

static bool use(struct standard *standard, struct error *err)
{
    int lock = -1;
    const struct fetched_toolchain *toolchain = standard->inputs->toolchain;
    if (!build_standard_list(standard->box, toolchain->module.tree, &standard->arena,
                             &standard->packages, &standard->package_count, err) ||
        standard->package_count == 0) {
        return false;
    }
    build_standard_key(standard->box, toolchain->module.h1, standard->packages,
                       standard->package_count, standard->key);
    if (!standard_lock(standard->run->fetcher, standard->key, &lock, err)) {
        return false;
    }
    bool ok = put(standard, err);
    standard->run->result->warm_cache |= ok;
    ok = ok || (err->code != ERROR_INTERRUPTED && make(standard, err) && put(standard, err));
    standard_unlock(standard->run->fetcher, standard->key, &lock);
    return ok;
}

bool use_standard_cache(struct subject_run *run, const struct build_inputs *inputs,
                        const struct build_settings *settings, struct workspace *workspace,
                        struct build_box *box, struct error *err)
{
    struct standard standard = {
        .run = run, .inputs = inputs, .settings = settings, .workspace = workspace, .box = box};
    *err = (struct error){0};
    if (!run->settings->standard_cache || settings->kind != SANDBOX_BUBBLEWRAP ||
        inputs->toolchain->module.proof != FETCH_PROOF_RECORDED ||
        !build_standard_applies(&run->recipe)) {
        return true;
    }
    bool ok = use(&standard, err);
    arena_free(&standard.arena);
    return ok || err->code != ERROR_INTERRUPTED;
}
