/* What went wrong, where, and what to do about it.
 *
 * Every function that can fail returns bool and takes a `struct error *` last. The message is set
 * once, where it happens, with the fact and the place; callers only prepend context. Library code
 * never prints and never exits. A failed allocation aborts: sizes are bounded before they reach the
 * allocator. */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"

/* One code for each thing that somebody branches on; cli/exit.c maps them to exit codes. */
enum error_code {
    ERROR_NONE,
    ERROR_USAGE,       /* the caller's request makes no sense */
    ERROR_IO,          /* the operating system refused: disk full, permission, read error */
    ERROR_NETWORK,     /* could not be got: refused, timed out, 5xx */
    ERROR_ABSENT,      /* is not there: no such file, module, record, section */
    ERROR_FORMAT,      /* malformed input */
    ERROR_LIMIT,       /* a limit of limits.h or of the user is exceeded */
    ERROR_UNSUPPORTED, /* well formed, but not something that reproof handles */
    ERROR_MISMATCH,    /* two things that had to agree do not; nobody promised that they would */
    ERROR_UNTRUSTED,   /* an input contradicts what was promised for it: tampering */
    ERROR_TOOL,        /* a program that we ran failed */
    ERROR_TIMEOUT,     /* took longer than allowed */
    ERROR_INTERRUPTED, /* a signal asked us to stop */
    ERROR_INTERNAL,    /* our fault */
};

struct error {
    enum error_code code;
    char message[1024]; /* UTF-8, no final full stop; untrusted text in it is already escaped */
    char cure[512];     /* what to do next; empty if nobody knows */
};

/* Sets CODE and message, clears the cure. Always returns false, for `return error_set(...)`. Bytes
 * that would disturb a terminal are escaped. ERR may be NULL. */
bool error_set(struct error *err, enum error_code code, const char *format, ...) PRINTF_LIKE(3, 4);

/* As error_set, and appends ": " and the text of errno as it was at the call. ENOSPC, EDQUOT and
 * EMFILE become ERROR_LIMIT with a cure; ENOENT becomes ERROR_ABSENT; the rest is ERROR_IO. */
bool error_errno(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Makes *ERR, unless ERR is NULL, what WHY is. Always returns false. */
bool error_pass(struct error *err, const struct error *why);

/* Puts "CONTEXT: " in front of the message. Always returns false. */
bool error_prefix(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Sets the cure: one sentence, what to type or to change. Always returns false. */
bool error_cure(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* The code's stable lower-case name, as in the JSON form of an error ("network", "format"). */
const char *error_code_name(enum error_code code);

/* A broken invariant of our own: prints the place and aborts. */
#define bug(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void bug_at(const char *file, int line, const char *format, ...) PRINTF_LIKE(3, 4);
