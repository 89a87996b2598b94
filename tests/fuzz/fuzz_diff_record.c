// SPDX-License-Identifier: Apache-2.0
/* The answer of the comparing process: whatever it says, what is decoded encodes to the same bytes
 * and can be shown. */
#include "verifier/compare/diff_record.h"
#include "verifier/report/diff_report.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct diff_record record;
    if (diff_record_decode(bytes_from(data, len), &arena, &record, NULL) && record.ok) {
        static const struct diff_view view = {.name_a = "a", .name_b = "b", .tool_version = "0"};
        AUTO(buffer) struct buffer out;
        buffer_init(&out, 1 << 26);
        diff_record_encode(&record, &out);
        if (!bytes_equal(buffer_view(&out), bytes_from(data, len))) {
            bug("decoding and encoding disagree");
        }
        diff_text(&record.result, &view, &out);
        diff_json(&record.result, &view, &out);
        diff_html(&record.result, &view, &out);
    }
    arena_free(&arena);
    return 0;
}
