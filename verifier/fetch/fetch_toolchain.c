// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/fetch.h"
#include "verifier/fetch/toolchain.h"

bool fetch_toolchain(struct fetcher *fetcher, const char *go_version, const char *goos,
                     const char *goarch, struct arena *arena, struct fetched_toolchain *ret,
                     struct error *err)
{
    struct module_id id = {.path = TOOLCHAIN_MODULE};
    struct fetched_module module;
    if (!toolchain_module_version(go_version, goos, goarch, arena, &id.version, err) ||
        !fetch_modules(fetcher, &id, 1, arena, &module, err)) {
        return false;
    }
    *ret = (struct fetched_toolchain){.version = arena_string(arena, go_version),
                                      .platform = arena_printf(arena, "%s/%s", goos, goarch),
                                      .module = module};
    return true;
}

bool fetch_toolchain_h1(struct fetcher *fetcher, const char *go_version, const char *goos,
                        const char *goarch, struct arena *arena, const char **ret,
                        struct error *err)
{
    struct module_id id = {.path = TOOLCHAIN_MODULE};
    struct fetched_module module;
    if (!toolchain_module_version(go_version, goos, goarch, arena, &id.version, err) ||
        !fetch_go_mods(fetcher, &id, 1, arena, &module, err)) {
        return false;
    }
    *ret = module.h1;
    return true;
}
