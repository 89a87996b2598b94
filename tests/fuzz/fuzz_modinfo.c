// SPDX-License-Identifier: Apache-2.0
/* The module text alone: what is read holds no field that is NULL. */
#include <stdlib.h>

#include "verifier/buildinfo/buildinfo.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static void check_module(const struct module *module)
{
    if (module->path == NULL || module->version == NULL || module->sum == NULL) {
        abort();
    }
    if (module->replace != NULL) {
        check_module(module->replace);
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct buildinfo info = {0};
    if (buildinfo_parse_modules(bytes_from(data, len), &arena, &info, NULL)) {
        check_module(&info.main);
        for (size_t i = 0; i < info.dep_count; i++) {
            check_module(&info.deps[i]);
        }
        for (size_t i = 0; i < info.setting_count; i++) {
            if (buildinfo_setting(&info, info.settings[i].key) == NULL) {
                abort();
            }
        }
    }
    arena_free(&arena);
    return 0;
}
