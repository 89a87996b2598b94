// SPDX-License-Identifier: Apache-2.0
/* A result of a gate or a rebuild, shown in every form. */
#include "attest/release/release_load.h"
#include "attest/release/release_report.h"
#include "base/json_read.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool gather(void *context, struct bytes piece, struct error *err)
{
    (void)err;
    buffer_append(context, piece);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct loaded_release loaded = {0};
    struct error err;
    if (release_load(bytes_from(data, len), "x", &loaded, &err)) {
        struct release *release = release_loaded(&loaded);
        for (int format = RELEASE_TEXT; format <= RELEASE_HTML; format++) {
            AUTO(buffer) struct buffer out = {0};
            const struct release_sink sink = {gather, &out};
            buffer_init(&out, 64 * MIB);
            if (!release_report(release, (enum release_format)format, &sink, &err) ||
                (format == RELEASE_JSON && !json_check(buffer_view(&out), &err))) {
                bug("what was loaded cannot be shown");
            }
        }
    }
    release_load_free(&loaded);
    return 0;
}
