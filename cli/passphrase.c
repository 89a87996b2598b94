// SPDX-License-Identifier: Apache-2.0
#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/libsodium.h"
#include "base/limits.h"
#include "base/scanner.h"

bool passphrase_place(const char *fd_text, struct passphrase_place *ret, struct error *err)
{
    uint64_t fd;
    if (fd_text == NULL) {
        ret->fd = -1;
        return true;
    }
    if (!scan_number(bytes_from_string(fd_text), 1 << 20, &fd)) {
        return error_set(err, ERROR_USAGE,
                         "--passphrase-fd takes a descriptor's number, not \"%s\"", fd_text);
    }
    ret->fd = (int)fd;
    return true;
}

static bool wait_for_input(int fd, struct error *err)
{
    struct pollfd waits[] = {{.fd = fd, .events = POLLIN},
                             {.fd = interrupt_fd(), .events = POLLIN}};
    while (poll(waits, ARRAY_LEN(waits), -1) < 0) {
        if (errno != EINTR) {
            return error_errno(err, "waiting for the passphrase");
        }
    }
    return interrupt_check(err);
}

/* A line without its newline, byte by byte: what follows belongs to the next question. */
static bool read_line(int fd, struct secret **ret, struct error *err)
{
    AUTO(secret) struct secret *line = secret_new(LIMIT_PASSPHRASE + 1);
    while (line->len < line->room) {
        if (!wait_for_input(fd, err)) {
            return false;
        }
        ssize_t got = read(fd, line->data + line->len, 1);
        if (got < 0 && errno != EINTR && errno != EAGAIN) {
            return error_errno(err, "reading the passphrase");
        }
        if (got == 0 || (got > 0 && line->data[line->len] == '\n')) {
            *ret = STEAL(line);
            return true;
        }
        line->len += got > 0 ? 1 : 0;
    }
    return error_set(err, ERROR_LIMIT, "a passphrase of more than %d bytes", LIMIT_PASSPHRASE);
}

/* Asks PROMPT on the terminal FD, which shows nothing of the answer. */
static bool ask_hidden(int fd, const char *prompt, struct secret **ret, struct error *err)
{
    struct termios before;
    if (tcgetattr(fd, &before) != 0) {
        return error_errno(err, "the terminal");
    }
    struct termios hidden = before;
    hidden.c_lflag &= (tcflag_t) ~(ECHO | ECHONL);
    if (!file_write_all(fd, bytes_from_string(prompt), err)) {
        return false;
    }
    tcsetattr(fd, TCSAFLUSH, &hidden);
    bool ok = read_line(fd, ret, err);
    tcsetattr(fd, TCSAFLUSH, &before);
    return file_write_all(fd, bytes_from_string("\n"), ok ? err : NULL) && ok;
}

static bool same(const struct secret *a, const struct secret *b)
{
    return a->len == b->len && libsodium()->sodium_memcmp(a->data, b->data, a->len) == 0;
}

static bool ask_terminal(const char *what, bool twice, struct secret **ret, struct error *err)
{
    char safe[256];
    char prompt[320];
    AUTO(secret) struct secret *first = NULL;
    AUTO(secret) struct secret *second = NULL;
    AUTO_FD int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        error_set(err, ERROR_USAGE, "a passphrase is wanted, and there is no terminal to ask on");
        return error_cure(err, "--passphrase-fd N reads it from descriptor N");
    }
    escape_text(what, safe, sizeof(safe));
    snprintf(prompt, sizeof(prompt), "%s %s: ", twice ? "New passphrase for" : "Passphrase of",
             safe);
    if (!ask_hidden(fd, prompt, &first, err) ||
        (twice && !ask_hidden(fd, "Once more: ", &second, err))) {
        return false;
    }
    if (twice && !same(first, second)) {
        return error_set(err, ERROR_USAGE, "the two passphrases differ");
    }
    *ret = STEAL(first);
    return true;
}

static bool ask(void *context, const char *what, bool twice, struct secret **ret, struct error *err)
{
    const struct passphrase_place *place = context;
    return place->fd < 0 ? ask_terminal(what, twice, ret, err) : read_line(place->fd, ret, err);
}

struct passphrase_source passphrase_source(struct passphrase_place *place)
{
    return (struct passphrase_source){ask, place};
}
