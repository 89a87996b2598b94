// SPDX-License-Identifier: Apache-2.0
#include "verifier/buildinfo/buildinfo.h"

#include "verifier/buildinfo/buildinfo_internal.h"

#define MARKER_LEN 16

/* The text between the two markers; nothing if they are not there, which is a program that was
 * built without modules. */
static struct bytes between_markers(struct bytes text)
{
    struct reader reader = reader_over(text, LITTLE_ENDIAN_ORDER);
    struct bytes modules;
    if (text.len <= 2 * MARKER_LEN || !reader_skip(&reader, MARKER_LEN) ||
        !reader_bytes(&reader, text.len - 2 * MARKER_LEN, &modules) ||
        modules.data[modules.len - 1] != '\n') {
        return bytes_from(NULL, 0);
    }
    return modules;
}

bool buildinfo_read(const struct image *image, struct arena *arena, struct buildinfo *ret,
                    struct error *err)
{
    struct raw_buildinfo raw = {0};
    bool found = image->format == IMAGE_WASM ? buildinfo_locate_wasm(image, arena, &raw, err)
                                             : buildinfo_locate(image, arena, &raw, err);
    if (!found) {
        return false;
    }
    if (raw.version.len == 0) {
        return error_set(err, ERROR_ABSENT, "no Go build information: its version is empty");
    }
    if (bytes_find(raw.version, 0, bytes_from("", 1)) != SIZE_MAX) {
        return error_set(err, ERROR_FORMAT, "Go build information: the version contains a NUL");
    }
    struct buildinfo info = {.go_version = arena_text(arena, raw.version)};
    if (!buildinfo_parse_modules(between_markers(raw.modules), arena, &info, err)) {
        return false;
    }
    *ret = info;
    return true;
}

bool buildinfo_read_headerless(const struct image *image, struct arena *arena,
                               struct buildinfo *ret, struct error *err)
{
    struct bytes text = {0};
    struct buildinfo info = {.go_version = ""};
    if (!buildinfo_load_marked(image, 0, image->source.size, arena, &text, err)) {
        return false;
    }
    struct bytes modules = between_markers(text);
    if (modules.len == 0) {
        return error_set(err, ERROR_ABSENT, "no module text");
    }
    if (!buildinfo_parse_modules(modules, arena, &info, err)) {
        return false;
    }
    *ret = info;
    return true;
}
