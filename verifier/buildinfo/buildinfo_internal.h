/* Between the parts of the build information's reader. */
#pragma once

#include "verifier/buildinfo/buildinfo.h"

/* What lies in the file: the version text, and the module text with its two markers of 16 bytes. */
struct raw_buildinfo {
    struct bytes version, modules;
};

/* Finds and loads it. ERROR_ABSENT where Go finds none. */
CHECKED bool buildinfo_locate(const struct image *image, struct arena *arena,
                              struct raw_buildinfo *ret, struct error *err);

/* For wasm, in which Go writes both texts but not the header that points at them. */
CHECKED bool buildinfo_locate_wasm(const struct image *image, struct arena *arena,
                                   struct raw_buildinfo *ret, struct error *err);

/* Loads the module text with its markers that stands between the offsets START and END; RET keeps
 * what it is if there is none. ERROR_FORMAT if it has no end. */
CHECKED bool buildinfo_load_marked(const struct image *image, uint64_t start, uint64_t end,
                                   struct arena *arena, struct bytes *ret, struct error *err);

/* Parses LINE, what is behind "build\t", into RET. The bytes of LINE must be followed by one more,
 * and both are in TEXT, which is changed: the setting's texts are made of it. */
CHECKED bool buildinfo_parse_setting(char *text, size_t len, struct arena *arena,
                                     struct build_setting *ret, struct error *err);
