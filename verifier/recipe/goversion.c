// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/goversion.h"

#include "base/scanner.h"

/* Digits without a leading zero, as many as there are. */
static bool number(struct scanner *scanner, unsigned *ret)
{
    struct bytes rest = scanner_rest(scanner);
    size_t len = 0;
    while (len < rest.len && rest.data[len] >= '0' && rest.data[len] <= '9') {
        len++;
    }
    uint64_t value;
    if (!scan_number(bytes_from(rest.data, len), 9999, &value)) {
        return false;
    }
    scanner->position += len;
    *ret = (unsigned)value;
    return true;
}

static bool prerelease(struct scanner *scanner, struct go_version *version)
{
    if (scanner_expect(scanner, "beta")) {
        version->pre_kind = 1;
    } else if (scanner_expect(scanner, "rc")) {
        version->pre_kind = 2;
    } else {
        return false;
    }
    return number(scanner, &version->pre_number);
}

static bool version_after(const char *prefix, struct bytes text, struct go_version *ret)
{
    struct scanner scanner = scanner_over(text);
    struct go_version version = {0};
    if (!scanner_expect(&scanner, prefix) || !number(&scanner, &version.minor)) {
        return false;
    }
    if (scanner_expect(&scanner, ".") && !number(&scanner, &version.patch)) {
        return false;
    }
    if (!scanner_done(&scanner) && (!prerelease(&scanner, &version) || !scanner_done(&scanner))) {
        return false;
    }
    *ret = version;
    return true;
}

bool go_version_parse(struct bytes text, struct go_version *ret)
{
    return version_after("go1.", text, ret);
}

bool go_language_parse(struct bytes text, unsigned *ret_minor)
{
    struct go_version version;
    if (!version_after("1.", text, &version)) {
        return false;
    }
    *ret_minor = version.minor;
    return true;
}
