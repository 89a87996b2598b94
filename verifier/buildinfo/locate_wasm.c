// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "verifier/buildinfo/buildinfo_internal.h"
#include "verifier/image/image_wasm.h"

/* In a wasm module the module text lies in the data section, without the header that other formats
 * have (Go source, cmd/link: Link.buildinfo leaves wasm out), and `go version` does not read it.
 * The version stands in the custom section "producers" (WebAssembly tool conventions,
 * ProducersSection.md), as the language Go's. */
/* Go writes two entries; other tools add some. */
#define LIMIT_PRODUCERS (64 * KIB)

static bool read_text(struct reader *reader, struct bytes *ret)
{
    uint64_t len;
    return reader_uvarint(reader, &len) && reader_bytes(reader, len, ret);
}

/* The version of the first entry called Go in the field "language". */
static bool find_language(struct reader *reader, struct bytes *ret)
{
    uint64_t field_count;
    struct bytes field;
    struct bytes name;
    struct bytes version;
    if (!reader_uvarint(reader, &field_count)) {
        return false;
    }
    for (uint64_t i = 0; i < field_count; i++) {
        uint64_t count;
        if (!read_text(reader, &field) || !reader_uvarint(reader, &count)) {
            return false;
        }
        for (uint64_t entry = 0; entry < count; entry++) {
            if (!read_text(reader, &name) || !read_text(reader, &version)) {
                return false;
            }
            if (bytes_equal_string(field, "language") && bytes_equal_string(name, "Go")) {
                *ret = version;
                return true;
            }
        }
    }
    return false;
}

static bool load_version(const struct image *image, struct arena *arena, struct bytes *ret,
                         struct error *err)
{
    const struct image_section *producers = image_section(image, "producers");
    struct bytes bytes;
    if (producers == NULL) {
        return error_set(err, ERROR_ABSENT,
                         "no Go build information: no section names its producer");
    }
    if (!source_load(&image->source, producers->offset, producers->size, LIMIT_PRODUCERS, arena,
                     &bytes, err)) {
        return error_prefix(err, "section producers");
    }
    struct reader reader = reader_over(bytes, LITTLE_ENDIAN_ORDER);
    return find_language(&reader, ret) ||
           error_set(err, ERROR_ABSENT, "no Go build information: its producer is not Go");
}

bool buildinfo_locate_wasm(const struct image *image, struct arena *arena,
                           struct raw_buildinfo *ret, struct error *err)
{
    const struct wasm_detail *detail = image_wasm(image);
    if (!load_version(image, arena, &ret->version, err)) {
        return false;
    }
    for (size_t i = 0; i < image->section_count; i++) {
        if (detail->ids[i] == WASM_DATA) {
            const struct image_section *data = &image->sections[i];
            return buildinfo_load_marked(image, data->offset, data->offset + data->size, arena,
                                         &ret->modules, err);
        }
    }
    return true;
}
