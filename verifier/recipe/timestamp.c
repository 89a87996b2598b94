// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/timestamp.h"

#include <stdio.h>
#include <time.h>

#include "base/scanner.h"

/* LEN digits, leading zeros and all. */
static bool take_digits(struct scanner *scanner, size_t len, int *ret)
{
    struct bytes rest = scanner_rest(scanner);
    if (rest.len < len) {
        return false;
    }
    int value = 0;
    for (size_t i = 0; i < len; i++) {
        if (rest.data[i] < '0' || rest.data[i] > '9') {
            return false;
        }
        value = value * 10 + (rest.data[i] - '0');
    }
    scanner->position += len;
    *ret = value;
    return true;
}

bool timestamp_parse(struct bytes text, uint64_t *ret)
{
    struct scanner scanner = scanner_over(text);
    struct tm parts = {0};
    if (!take_digits(&scanner, 4, &parts.tm_year) || !scanner_expect(&scanner, "-") ||
        !take_digits(&scanner, 2, &parts.tm_mon) || !scanner_expect(&scanner, "-") ||
        !take_digits(&scanner, 2, &parts.tm_mday) || !scanner_expect(&scanner, "T") ||
        !take_digits(&scanner, 2, &parts.tm_hour) || !scanner_expect(&scanner, ":") ||
        !take_digits(&scanner, 2, &parts.tm_min) || !scanner_expect(&scanner, ":") ||
        !take_digits(&scanner, 2, &parts.tm_sec) || !scanner_expect(&scanner, "Z") ||
        !scanner_done(&scanner)) {
        return false;
    }
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    struct tm normal = parts;
    time_t value = timegm(&normal);
    /* timegm carries 31 February over into March; a time that is not itself is none. */
    if (value < 0 || normal.tm_mon != parts.tm_mon || normal.tm_mday != parts.tm_mday ||
        normal.tm_hour != parts.tm_hour || normal.tm_min != parts.tm_min ||
        normal.tm_sec != parts.tm_sec) {
        return false;
    }
    *ret = (uint64_t)value;
    return true;
}

void timestamp_compact(uint64_t unix_time, char ret[15])
{
    time_t value = (time_t)unix_time;
    struct tm parts = {0};
    gmtime_r(&value, &parts);
    if (strftime(ret, 15, "%Y%m%d%H%M%S", &parts) == 0) {
        ret[0] = '\0';
    }
}
