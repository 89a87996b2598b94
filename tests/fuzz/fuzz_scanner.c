// SPDX-License-Identifier: Apache-2.0
/* Every view lies within the text, a call that fails moves nothing, and lines joined again are the
 * text. */
#include <stdlib.h>

#include "base/scanner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void require(bool claim)
{
    if (!claim) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bytes text = bytes_from(data, len);
    struct scanner scanner = scanner_over(text);
    struct bytes line;
    size_t joined = 0;
    while (scanner_line(&scanner, 64, &line)) {
        require(line.len <= 64 && line.data == data + joined);
        joined += line.len + (joined + line.len < len);
        require(scanner.position == joined);
        uint64_t number = 7;
        require(scan_number(line, 1000, &number) ? number <= 1000 : number == 7);
        struct bytes trimmed = scan_trimmed(line);
        require(trimmed.len <= line.len);
        struct bytes before;
        struct bytes behind;
        bool cut = scan_cut(line, '=', &before, &behind);
        require(cut == (line.len > 0 && memchr(line.data, '=', line.len) != NULL));
        require(!cut || before.len + behind.len + 1 == line.len);
    }
    /* It ends at the end, or before a line that is too long. */
    require(scanner_done(&scanner) || len - joined > 64);
    return 0;
}
