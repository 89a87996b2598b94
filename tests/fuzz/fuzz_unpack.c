// SPDX-License-Identifier: Apache-2.0
/* The unpacker's loop over entries, from memory into nothing: no crash, only safe names, caps kept.
 */
#include <archive.h>
#include <stdlib.h>

#include "cli/helpers/unpack_entries.h"
#include "cli/helpers/unpack_input.h"
#include "verifier/fetch/zip_directory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool take_name(void *context, const char *path, struct error *err)
{
    (void)err;
    return context != NULL && (zip_name_check(bytes_from_string(path), NULL) || (abort(), false));
}

static bool take_bytes(void *context, struct bytes bytes, struct error *err)
{
    *(uint64_t *)context += bytes.len;
    return err != NULL;
}

static bool close_file(void *context, struct error *err)
{
    return context != NULL || err == NULL;
}

static void skipped(void *context, const char *path, const char *what)
{
    *(uint64_t *)context += 0 * (strlen(path) + strlen(what));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct unpack_limits limits = {.entries = 1000, .bytes = 1 << 20};
    uint64_t total = 0;
    struct source source = source_from_bytes(bytes_from(data, len));
    struct container_kind container;
    if (!container_kind_detect(&source, &container)) {
        return 0;
    }
    struct unpack_sink sink = {&total, take_name, take_name, take_bytes, close_file, skipped};
    for (int kind = UNPACK_MODULE; kind <= UNPACK_PROGRAMS; kind++) {
        AUTO(unpack_input) struct unpack_input input = {0};
        AUTO(unpack_reader) struct archive *reader = unpack_reader_new(&container);
        struct unpack_counts counts;
        struct error err = {0};
        total = 0;
        if (unpack_input_open(&input, &source, &container, reader, &err)) {
            bool ok =
                unpack_entries(reader, (enum unpack_kind)kind, "", &limits, &sink, &counts, &err);
            if (total > limits.bytes || (!ok && err.message[0] == '\0')) {
                abort();
            }
        }
    }
    return 0;
}
