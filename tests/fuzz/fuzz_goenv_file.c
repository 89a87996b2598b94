// SPDX-License-Identifier: Apache-2.0
/* Go's env file, and GOSUMDB as it stands in one: a name never holds what a key or URL is made of.
 */
#include <stdlib.h>

#include "verifier/fetch/settings.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct error err = {0};
    struct sumdb_setting setting = {0};
    struct bytes text = bytes_from(data, len);
    struct settings settings = {.gosumdb = settings_env_file_value(text, "GOSUMDB", &arena)};
    if (strchr(settings.gosumdb, '\n') != NULL || strlen(settings.gosumdb) > len) {
        abort();
    }
    if (settings_sumdb(&settings, &arena, &setting, &err) &&
        (strpbrk(setting.name, "+ \t\n") != NULL || (setting.off && setting.name[0] != '\0'))) {
        abort();
    }
    arena_free(&arena);
    return 0;
}
