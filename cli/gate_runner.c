// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/limits.h"
#include "cli/gate.h"

/* What the runner knows of a child at work. */
struct slot {
    pid_t pid; /* 0: free */
    size_t pair;
};

struct running {
    const struct gate *gate;
    struct slot *slots;
    unsigned slot_count, busy, jobs;
    struct gate_watch watch;
};

bool gate_is_mine(const struct gate *gate, size_t index)
{
    return index % gate->shards == gate->shard;
}

/* Dies with its parent, and hears of signals by itself. */
static pid_t fork_child(void)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        interrupt_renew();
        if (getppid() != parent) {
            _exit(exit_code(OUTCOME_SIGNAL));
        }
    }
    return pid;
}

/* What was found out before an interruption need not be found out again: same artifact, same
 * manifest, and it holds. A working copy may have changed since. */
static bool is_done(const struct gate *gate, const struct manifest_pair *pair)
{
    struct arena arena = {0};
    struct bytes text;
    struct pair_result result = {0};
    AUTO_FD int fd = -1;
    struct source source;
    struct sha256 digest;
    struct error ignored;
    bool done = gate->source[0] == '\0' &&
                file_read(gate->work, arena_printf(&arena, "%s.json", pair->name), LIMIT_JSON_BYTES,
                          &arena, &text, &ignored) &&
                pair_result_read(text, &gate->manifest, pair, &arena, &result, &ignored) &&
                result.state == PAIR_HOLDS && gate_open_artifact(gate, pair, &fd, &ignored) &&
                fd >= 0 && source_from_fd(fd, &source, &ignored) &&
                sha256_source(&source, &digest, &ignored) && sha256_equal(&digest, &result.sha256);
    arena_free(&arena);
    return done;
}

static _Noreturn void judge_in_child(const struct running *running, size_t pair)
{
    struct error err;
    const struct gate_teller teller = {running->watch.writing, (uint32_t)pair};
    bool ok = gate_judge_pair(running->gate, &running->gate->manifest.pairs[pair], running->jobs,
                              &teller, &err);
    if (!ok && err.code != ERROR_INTERRUPTED) {
        terminal_error(running->gate->invocation->terminal,
                       running->gate->manifest.pairs[pair].name, &err);
    }
    _exit(ok ? 0 : err.code == ERROR_INTERRUPTED ? 1 : exit_code(OUTCOME_INTERNAL));
}

static bool start_pair(struct running *running, size_t pair, struct error *err)
{
    struct slot *slot = running->slots;
    while (slot->pid != 0) {
        slot++;
    }
    pid_t pid = fork_child();
    if (pid < 0) {
        return error_errno(err, "cannot start a process");
    }
    if (pid == 0) {
        judge_in_child(running, pair);
    }
    *slot = (struct slot){pid, pair};
    running->busy++;
    gate_watch_begin(&running->watch, pair, running->gate->manifest.pairs[pair].name);
    return true;
}

/* A child that ended without a word leaves no file: its pair is undecided. */
static void end_pair(struct running *running, pid_t pid, int status)
{
    for (unsigned i = 0; i < running->slot_count; i++) {
        struct slot *slot = &running->slots[i];
        if (slot->pid == pid) {
            gate_watch_end(&running->watch, slot->pair,
                           status == 0 ? "" : ", ended without a result");
            slot->pid = 0;
            running->busy--;
        }
    }
}

/* Shows how it goes until one has ended. */
static bool wait_one(struct running *running, struct error *err)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) == 0) {
        gate_watch_wait(&running->watch);
        if (!interrupt_check(err)) {
            return false;
        }
    }
    if (pid < 0 && errno != EINTR) {
        return error_errno(err, "cannot wait");
    }
    if (pid > 0) {
        end_pair(running, pid, status);
    }
    return interrupt_check(err);
}

static void stop_all(struct running *running)
{
    for (unsigned i = 0; i < running->slot_count; i++) {
        if (running->slots[i].pid != 0) {
            kill(running->slots[i].pid, SIGTERM);
            waitpid(running->slots[i].pid, NULL, 0);
        }
    }
}

static bool run_pairs(struct running *running, struct error *err)
{
    const struct gate *gate = running->gate;
    for (size_t i = 0; i < gate->manifest.pair_count; i++) {
        if (!gate_is_mine(gate, i)) {
            continue;
        }
        if (is_done(gate, &gate->manifest.pairs[i])) {
            gate_watch_skip(&running->watch, gate->manifest.pairs[i].name, "done before");
            continue;
        }
        while (running->busy == running->slot_count) {
            if (!wait_one(running, err)) {
                return false;
            }
        }
        if (!start_pair(running, i, err)) {
            return false;
        }
    }
    while (running->busy > 0) {
        if (!wait_one(running, err)) {
            return false;
        }
    }
    return true;
}

static size_t count_mine(const struct gate *gate)
{
    size_t count = 0;
    for (size_t i = 0; i < gate->manifest.pair_count; i++) {
        count += gate_is_mine(gate, i);
    }
    return count;
}

static bool run(const struct gate *gate, struct error *err)
{
    size_t total = count_mine(gate);
    unsigned jobs = gate->settings->common.jobs;
    unsigned slots = total < jobs ? (unsigned)total : jobs;
    struct running running = {
        .gate = gate, .slot_count = slots == 0 ? 1 : slots, .jobs = slots == 0 ? 1 : jobs / slots};
    running.slots = ARENA_ARRAY(gate->arena, running.slot_count, struct slot);
    if (!gate_watch_open(gate->invocation->terminal,
                         ARENA_ARRAY(gate->arena, running.slot_count, struct gate_watched),
                         running.slot_count, total, &running.watch, err)) {
        return false;
    }
    bool ok = run_pairs(&running, err);
    if (!ok) {
        stop_all(&running);
    }
    gate_watch_close(&running.watch);
    return ok;
}

static _Noreturn void be_the_runner(const struct gate *gate, int begin)
{
    char word;
    struct error err;
    ssize_t got;
    do {
        got = read(begin, &word, 1);
    } while (got < 0 && errno == EINTR && interrupt_signal() == 0);
    if (got != 1) {
        _exit(1);
    }
    bool ok = run(gate, &err);
    if (!ok && err.code != ERROR_INTERRUPTED) {
        terminal_error(gate->invocation->terminal, NULL, &err);
    }
    _exit(ok ? 0 : 1);
}

bool gate_runner_start(const struct gate *gate, struct gate_runner *ret, struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return error_errno(err, "cannot make a pipe");
    }
    AUTO_FD int reading = ends[0];
    AUTO_FD int writing = ends[1];
    pid_t pid = fork_child();
    if (pid < 0) {
        return error_errno(err, "cannot start a process");
    }
    if (pid == 0) {
        fd_close(&writing);
        be_the_runner(gate, reading);
    }
    *ret = (struct gate_runner){pid, fd_steal(&writing)};
    return true;
}

bool gate_runner_wait(struct gate_runner *runner, struct error *err)
{
    int status = -1;
    if (write(runner->begin, "", 1) != 1) {
        return error_errno(err, "cannot begin");
    }
    while (waitpid(runner->pid, &status, 0) < 0) {
        if (errno != EINTR || !interrupt_check(err)) {
            return false;
        }
    }
    runner->pid = 0;
    return interrupt_check(err) &&
           (status == 0 || error_set(err, ERROR_TOOL, "the pairs could not all be judged"));
}

void gate_runner_free(struct gate_runner *runner)
{
    fd_close(&runner->begin);
    if (runner->pid > 0) {
        kill(runner->pid, SIGTERM);
        waitpid(runner->pid, NULL, 0);
        runner->pid = 0;
    }
}

/* The folder that has the file of the pair NAME; -1 if none has. */
static int find_record(const struct gate *gate, const char *file)
{
    for (size_t i = 0; i < gate->work_count; i++) {
        if (file_exists(gate->works[i], file)) {
            return gate->works[i];
        }
    }
    return -1;
}

static bool read_record(void *context, const struct pair_result *result, struct arena *arena,
                        struct bytes *ret, struct error *err)
{
    const struct gate *gate = context;
    const char *file = arena_printf(arena, "%s.json", result->pair->name);
    return file_read(find_record(gate, file), file, LIMIT_JSON_BYTES, arena, ret, err);
}

static bool collect_pair(struct gate *gate, size_t index, int from, struct error *err)
{
    struct pair_result *result = &gate->release.results[index];
    const struct manifest_pair *pair = &gate->manifest.pairs[index];
    struct arena arena = {0};
    const char *name = arena_printf(&arena, "%s.json", pair->name);
    struct bytes text;
    bool ok = true;
    if (!result->has_record && file_exists(from, name)) {
        ok = (file_read(from, name, LIMIT_JSON_BYTES, &arena, &text, err) &&
              pair_result_read(text, &gate->manifest, pair, gate->arena, result, err)) ||
             error_prefix(err, "%s", name);
    }
    arena_free(&arena);
    return ok;
}

bool gate_collect(struct gate *gate, const int *works, size_t count, size_t *ret_bad,
                  struct error *err)
{
    gate->works = works;
    gate->work_count = count;
    gate->release.read = read_record;
    gate->release.read_context = gate;
    for (size_t w = 0; w < count; w++) {
        *ret_bad = w;
        for (size_t i = 0; i < gate->manifest.pair_count; i++) {
            if (!collect_pair(gate, i, works[w], err)) {
                return false;
            }
        }
    }
    return true;
}
