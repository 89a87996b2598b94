// SPDX-License-Identifier: Apache-2.0
#include "verifier/target/golang.h"

#include <string.h>

#include "base/file.h"
#include "base/scanner.h"
#include "verifier/fetch/fetch.h"
#include "verifier/fetch/toolchain.h"

/* "v0.0.1-go1.23.5.linux-amd64" */
static bool split_version(const char *version, struct arena *arena, const char **ret_go,
                          const char **ret_goos, const char **ret_goarch)
{
    static const char lead[] = "v0.0.1-";
    struct bytes text = bytes_from_string(version), go, platform, goos, goarch;
    const char *again;
    if (!bytes_start_with(text, lead) ||
        !scan_cut_last(bytes_behind(text, sizeof(lead) - 1), '.', &go, &platform) ||
        !scan_cut(platform, '-', &goos, &goarch)) {
        return false;
    }
    *ret_go = arena_text(arena, go);
    *ret_goos = arena_text(arena, goos);
    *ret_goarch = arena_text(arena, goarch);
    return toolchain_module_version(*ret_go, *ret_goos, *ret_goarch, arena, &again, NULL) &&
           strcmp(again, version) == 0;
}

static bool fetch(const struct walk *walk, const char *go, const char *goos, const char *goarch,
                  struct fetched_toolchain *ret, struct error *err)
{
    const struct target_settings *settings = walk->settings;
    struct fetcher *fetcher = NULL;
    struct fetch_settings fetching = {.store = settings->store,
                                      .state = settings->state,
                                      .offline = settings->offline,
                                      .jobs = settings->jobs,
                                      .progress = settings->progress,
                                      .progress_context = settings->progress_context};
    bool ok = fetcher_open(&fetching, &fetcher, err) &&
              fetch_toolchain(fetcher, go, goos, goarch, walk->arena, ret, err);
    fetcher_free(&fetcher);
    return ok;
}

/* The programs alone: its sources have test data that are archives and programs of all kinds. */
static bool walk_programs(struct walk *walk, const char *purl, const char *tree, struct error *err)
{
    static const char *const folders[] = {"bin", "pkg"};
    AUTO_FD int dir = -1;
    if (!directory_open(tree, &dir, err)) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        AUTO_FD int folder = -1;
        walk->prefix = arena_printf(walk->arena, "%s/%s/", purl, folders[i]);
        if (!directory_open_beneath(dir, folders[i], &folder, err) ||
            !walk_tree(walk, folder, err)) {
            return false;
        }
    }
    return true;
}

bool golang_open(const struct registry_request *request, const char *purl, struct walk *walk,
                 struct error *err)
{
    const char *go, *goos, *goarch;
    struct fetched_toolchain toolchain;
    if (strcmp(request->name, TOOLCHAIN_MODULE) != 0) {
        error_set(err, ERROR_USAGE, "a module is source: no binary is published under this name");
        return error_cure(err, "name the published file, and its source with --expect %s@%s",
                          request->name, request->version);
    }
    if (walk->settings->sha256 != NULL || walk->settings->store == NULL) {
        return error_set(err, ERROR_USAGE, "a toolchain is proven by its h1 in the database");
    }
    if (!split_version(request->version, walk->arena, &go, &goos, &goarch)) {
        error_set(err, ERROR_USAGE, "%s is no version of a toolchain", request->version);
        return error_cure(err, "as pkg:golang/golang.org/toolchain@v0.0.1-go1.23.5.linux-amd64");
    }
    return fetch(walk, go, goos, goarch, &toolchain, err) &&
           walk_programs(walk, purl, toolchain.module.tree, err);
}
