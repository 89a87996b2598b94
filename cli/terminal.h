/* Standard output and standard error as people see them: colour, a progress line, errors.
 *
 * stdout is the result, stderr is talk. Progress appears only where stderr is a terminal and
 * --quiet is not given. */
#pragma once

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"

enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct terminal {
    bool quiet, progress; /* progress: a live line may be drawn on stderr */
    bool color;           /* of stdout */
    bool line_open;       /* a progress line stands there and must be wiped first */
    unsigned columns;
    double last_drawn;
};

void terminal_init(struct terminal *terminal, enum color_choice choice, bool quiet);

/* Redraws the progress line with TEXT (already safe to print), at most ten times a second unless
 * FORCE. */
void terminal_progress(struct terminal *terminal, bool force, const char *format, ...)
    PRINTF_LIKE(3, 4);
void terminal_clear(struct terminal *terminal);

/* A line of talk on stderr, unless quiet. */
void terminal_note(struct terminal *terminal, const char *format, ...) PRINTF_LIKE(2, 3);

/* "reproof: OBJECT: message" and the cure, on stderr, always. OBJECT may be NULL. */
void terminal_error(struct terminal *terminal, const char *object, const struct error *err);

/* Writes OUT to stdout and flushes: a result that was not written is not a result. */
CHECKED bool terminal_write(struct terminal *terminal, const struct buffer *out, struct error *err);
