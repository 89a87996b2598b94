// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/file.h"

static unsigned terminal_columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

void terminal_init(struct terminal *terminal, enum color_choice choice, bool quiet)
{
    const char *no_color = getenv("NO_COLOR");
    const char *kind = getenv("TERM");
    bool dumb = kind != NULL && strcmp(kind, "dumb") == 0;
    bool wanted = isatty(STDOUT_FILENO) && !dumb && (no_color == NULL || no_color[0] == '\0');
    *terminal = (struct terminal){
        .quiet = quiet,
        .progress = !quiet && !dumb && isatty(STDERR_FILENO),
        .color = choice == COLOR_ALWAYS || (choice == COLOR_AUTO && wanted),
        .columns = terminal_columns(),
    };
}

void terminal_clear(struct terminal *terminal)
{
    if (terminal->line_open) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        terminal->line_open = false;
    }
}

void terminal_progress(struct terminal *terminal, bool force, const char *format, ...)
{
    double now = clock_seconds();
    if (!terminal->progress || (!force && now - terminal->last_drawn < 0.1)) {
        return;
    }
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    fprintf(stderr, "\r\033[K%.*s", (int)terminal->columns - 1, line);
    fflush(stderr);
    terminal->line_open = true;
    terminal->last_drawn = now;
}

void terminal_note(struct terminal *terminal, const char *format, ...)
{
    if (terminal->quiet) {
        return;
    }
    terminal_clear(terminal);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

/* True if MESSAGE itself speaks of NAME, as "cannot open NAME: ..." does. */
static bool is_named(const char *message, const char *name)
{
    const char *at = strstr(message, name);
    char behind = at == NULL ? 'x' : at[strlen(name)];
    return at != NULL && (at == message || at[-1] == ' ') && (behind == ' ' || behind == ':');
}

void terminal_error(struct terminal *terminal, const char *object, const struct error *err)
{
    char safe[1024] = "";
    terminal_clear(terminal);
    if (object != NULL) {
        escape_text(object, safe, sizeof(safe));
    }
    bool prefixed = safe[0] != '\0' && !is_named(err->message, safe);
    fprintf(stderr, "reproof: %s%s%s\n", prefixed ? safe : "", prefixed ? ": " : "", err->message);
    if (err->cure[0] != '\0') {
        fprintf(stderr, "  next: %s\n", err->cure);
    }
}

bool terminal_write(struct terminal *terminal, const struct buffer *out, struct error *err)
{
    if (!buffer_ok(out)) {
        return error_set(err, ERROR_LIMIT, "the report is larger than %zu bytes", out->maximum);
    }
    terminal_clear(terminal);
    return file_write_all(STDOUT_FILENO, buffer_view(out), err) ||
           error_prefix(err, "standard output");
}
