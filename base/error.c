// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

static void set_message(struct error *err, const char *format, va_list args)
{
    char raw[sizeof(err->message)];
    vsnprintf(raw, sizeof(raw), format, args);
    escape_text(raw, err->message, sizeof(err->message));
    err->cure[0] = '\0';
}

bool error_set(struct error *err, enum error_code code, const char *format, ...)
{
    if (err == NULL) {
        return false;
    }
    va_list args;
    va_start(args, format);
    err->code = code;
    set_message(err, format, args);
    va_end(args);
    return false;
}

static enum error_code code_of_errno(int number)
{
    switch (number) {
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case EFBIG:
        return ERROR_LIMIT;
    case ENOENT:
    case ENOTDIR:
        return ERROR_ABSENT;
    default:
        return ERROR_IO;
    }
}

bool error_errno(struct error *err, const char *format, ...)
{
    int number = errno;
    if (err == NULL) {
        return false;
    }
    va_list args;
    va_start(args, format);
    err->code = code_of_errno(number);
    set_message(err, format, args);
    va_end(args);
    size_t used = strlen(err->message);
    snprintf(err->message + used, sizeof(err->message) - used, ": %s", strerror(number));
    if (number == ENOSPC || number == EDQUOT) {
        error_cure(err, "free some space, or name another place with --store");
    } else if (number == EMFILE || number == ENFILE) {
        error_cure(err, "raise the limit on open files (ulimit -n)");
    }
    return false;
}

bool error_pass(struct error *err, const struct error *why)
{
    if (err != NULL) {
        *err = *why;
    }
    return false;
}

bool error_prefix(struct error *err, const char *format, ...)
{
    if (err == NULL) {
        return false;
    }
    char raw[sizeof(err->message)];
    char context[sizeof(err->message)];
    va_list args;
    va_start(args, format);
    vsnprintf(raw, sizeof(raw), format, args);
    va_end(args);
    escape_text(raw, context, sizeof(context) / 2);
    size_t lead = strlen(context);
    size_t rest = strlen(err->message);
    if (lead + 2 + rest >= sizeof(err->message)) {
        rest = sizeof(err->message) - lead - 3;
    }
    memmove(err->message + lead + 2, err->message, rest);
    memcpy(err->message, context, lead);
    memcpy(err->message + lead, ": ", 2);
    err->message[lead + 2 + rest] = '\0';
    return false;
}

bool error_cure(struct error *err, const char *format, ...)
{
    if (err == NULL) {
        return false;
    }
    char raw[sizeof(err->cure)];
    va_list args;
    va_start(args, format);
    vsnprintf(raw, sizeof(raw), format, args);
    va_end(args);
    escape_text(raw, err->cure, sizeof(err->cure));
    return false;
}

const char *error_code_name(enum error_code code)
{
    static const char *const names[] = {
        [ERROR_NONE] = "none",
        [ERROR_USAGE] = "usage",
        [ERROR_IO] = "io",
        [ERROR_NETWORK] = "network",
        [ERROR_ABSENT] = "absent",
        [ERROR_FORMAT] = "format",
        [ERROR_LIMIT] = "limit",
        [ERROR_UNSUPPORTED] = "unsupported",
        [ERROR_MISMATCH] = "mismatch",
        [ERROR_UNTRUSTED] = "untrusted",
        [ERROR_TOOL] = "tool",
        [ERROR_TIMEOUT] = "timeout",
        [ERROR_INTERRUPTED] = "interrupted",
        [ERROR_INTERNAL] = "internal",
    };
    return (size_t)code < ARRAY_LEN(names) ? names[code] : "internal";
}

void bug_at(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "reproof: internal error at %s:%d: ", file, line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    abort();
}
