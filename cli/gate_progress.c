// SPDX-License-Identifier: Apache-2.0
#include "cli/gate_progress.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/file.h"

/* How long to wait for notes before looking for children that ended; milliseconds. */
#define WAIT 100
/* A stage that takes so long is told where there is no terminal, and then from time to time;
 * seconds. */
#define LONG_STAGE 10
#define LONGER_STAGE 60

/* Shorter than PIPE_BUF, so that notes of several processes do not mix. */
struct note {
    uint32_t pair, stage;
    uint64_t done, total;
};

static const char *name_of(enum gate_stage stage)
{
    static const char *const names[] = {"read", "fetch", "prove", "build", "compare", "describe"};
    return names[stage];
}

void gate_tell(const struct gate_teller *teller, enum gate_stage stage, uint64_t done,
               uint64_t total)
{
    const struct note note = {teller->pair, stage, done, total};
    if (teller->fd >= 0) {
        ssize_t ignored = write(teller->fd, &note, sizeof(note));
        (void)ignored;
    }
}

bool gate_watch_open(struct terminal *terminal, struct gate_watched *pairs, size_t room,
                     size_t total, struct gate_watch *ret, struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        return error_errno(err, "cannot make a pipe");
    }
    *ret = (struct gate_watch){.terminal = terminal,
                               .reading = ends[0],
                               .writing = ends[1],
                               .pairs = pairs,
                               .room = room,
                               .total = total};
    return true;
}

void gate_watch_close(struct gate_watch *watch)
{
    terminal_clear(watch->terminal);
    fd_close(&watch->reading);
    fd_close(&watch->writing);
}

static struct gate_watched *find(const struct gate_watch *watch, size_t pair)
{
    for (size_t i = 0; i < watch->room; i++) {
        if (watch->pairs[i].name != NULL && watch->pairs[i].pair == pair) {
            return &watch->pairs[i];
        }
    }
    return NULL;
}

void gate_watch_begin(struct gate_watch *watch, size_t pair, const char *name)
{
    double now = clock_seconds();
    for (size_t i = 0; i < watch->room; i++) {
        if (watch->pairs[i].name == NULL) {
            watch->pairs[i] = (struct gate_watched){
                .pair = pair, .name = name, .started = now, .stage_started = now, .told = now};
            escape_text(name, watch->pairs[i].shown, sizeof(watch->pairs[i].shown));
            return;
        }
    }
}

static void end_stage(struct gate_watched *pair, double now)
{
    pair->seconds[pair->stage] += now - pair->stage_started;
    pair->stage_started = now;
}

/* The stages that took some time: "prove 1.2, build 10.4". */
static void describe(const struct gate_watched *pair, char *ret, size_t size)
{
    size_t len = 0;
    ret[0] = '\0';
    for (size_t i = 0; i < STAGE_COUNT; i++) {
        if (pair->seconds[i] >= 0.05 && len < size) {
            int more = snprintf(ret + len, size - len, "%s%s %.1f", len == 0 ? "" : ", ",
                                name_of((enum gate_stage)i), pair->seconds[i]);
            len += more > 0 ? (size_t)more : 0;
        }
    }
}

void gate_watch_skip(struct gate_watch *watch, const char *name, const char *what)
{
    char shown[256];
    escape_text(name, shown, sizeof(shown));
    watch->finished++;
    terminal_note(watch->terminal, "reproof: %zu of %zu: %s, %s", watch->finished, watch->total,
                  shown, what);
}

void gate_watch_end(struct gate_watch *watch, size_t pair, const char *what)
{
    struct gate_watched *watched = find(watch, pair);
    char stages[160], text[256];
    double now = clock_seconds();
    if (watched != NULL) {
        end_stage(watched, now);
        describe(watched, stages, sizeof(stages));
        snprintf(text, sizeof(text), "%.1f s%s%s%s%s", now - watched->started,
                 stages[0] == '\0' ? "" : " (", stages, stages[0] == '\0' ? "" : ")", what);
        gate_watch_skip(watch, watched->name, text);
        watched->name = NULL;
    }
}

static void take_note(struct gate_watch *watch, const struct note *note)
{
    struct gate_watched *pair = find(watch, note->pair);
    if (pair == NULL || note->stage >= STAGE_COUNT) {
        return;
    }
    if (pair->stage != note->stage) {
        end_stage(pair, clock_seconds());
        pair->stage = (enum gate_stage)note->stage;
        pair->told = pair->stage_started;
    }
    pair->done = note->done;
    pair->total = note->total;
}

static void describe_now(const struct gate_watched *pair, double now, char *ret, size_t size)
{
    if (pair->stage == STAGE_FETCH && pair->total > 0) {
        snprintf(ret, size, "%s: fetch %.1f of %.1f MB", pair->shown, (double)pair->done / 1e6,
                 (double)pair->total / 1e6);
    } else {
        snprintf(ret, size, "%s: %s %.0f s", pair->shown, name_of(pair->stage),
                 now - pair->stage_started);
    }
}

static void draw(struct gate_watch *watch, double now)
{
    char line[480], part[120];
    size_t len = 0;
    line[0] = '\0';
    for (size_t i = 0; i < watch->room && len < sizeof(line); i++) {
        if (watch->pairs[i].name != NULL) {
            describe_now(&watch->pairs[i], now, part, sizeof(part));
            int more = snprintf(line + len, sizeof(line) - len, "  %s", part);
            len += more > 0 ? (size_t)more : 0;
        }
    }
    terminal_progress(watch->terminal, false, "%zu of %zu%s", watch->finished, watch->total, line);
}

/* In a log, silence is told from work. */
static void tell_long(struct gate_watch *watch, double now)
{
    char part[120];
    for (size_t i = 0; i < watch->room; i++) {
        struct gate_watched *pair = &watch->pairs[i];
        bool first = pair->told == pair->stage_started;
        if (pair->name != NULL && now - pair->told >= (first ? LONG_STAGE : LONGER_STAGE)) {
            describe_now(pair, now, part, sizeof(part));
            terminal_note(watch->terminal, "reproof: %s", part);
            pair->told = now;
        }
    }
}

void gate_watch_wait(struct gate_watch *watch)
{
    struct pollfd wanted = {.fd = watch->reading, .events = POLLIN};
    struct note note;
    if (poll(&wanted, 1, WAIT) > 0) {
        while (read(watch->reading, &note, sizeof(note)) == (ssize_t)sizeof(note)) {
            take_note(watch, &note);
        }
    }
    double now = clock_seconds();
    if (watch->terminal->progress) {
        draw(watch, now);
    } else {
        tell_long(watch, now);
    }
}
