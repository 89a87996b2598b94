// SPDX-License-Identifier: Apache-2.0
/* What packages say of themselves: whatever names one gives a package URL in printable ASCII. */
#include <stdlib.h>

#include "verifier/target/package_rpm.h"

typedef bool parse_function(struct bytes text, struct arena *arena, struct package *ret);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    static parse_function *const parsers[] = {package_parse_npm, package_parse_metadata,
                                              package_parse_control, package_parse_pkginfo,
                                              package_parse_rpm};
    for (size_t i = 0; i < ARRAY_LEN(parsers); i++) {
        struct arena arena = {0};
        struct package package;
        if (parsers[i](bytes_from(data, len), &arena, &package)) {
            const char *purl = package_purl(&package, &arena);
            for (const char *at = purl; *at != '\0'; at++) {
                if (*at <= ' ' || *at > '~') {
                    abort();
                }
            }
        }
        arena_free(&arena);
    }
    return 0;
}
