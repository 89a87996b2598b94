// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/sandbox/box.h"
#include "verifier/sandbox/usage.h"

#define TICK_MS 100
#define TICKS_A_LOOK 5
/* A process that a signal cannot end at once waits for the kernel; longer means a broken host. */
#define DEATH_MS 60000
#define STATUS_BYTES 4096

struct watch {
    const struct sandbox_job *job;
    struct box *box;
    struct buffer log;
    double start, next_walk;
    uint64_t peak_memory;
    const char *hit; /* the limit that was hit, or NULL */
};

/* Takes what the program has said. The pipe never blocks. */
static void read_log(struct watch *watch)
{
    char piece[65536];
    for (;;) {
        ssize_t got = read(watch->box->log, piece, sizeof(piece));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return;
        }
        size_t room = watch->job->limits.log_bytes - watch->log.len;
        if ((size_t)got > room) {
            watch->hit = watch->hit == NULL ? "log" : watch->hit;
            buffer_append(&watch->log, bytes_from(piece, room));
            return;
        }
        buffer_append(&watch->log, bytes_from(piece, (size_t)got));
    }
}

static bool disk_is_within(const struct sandbox_job *job)
{
    uint64_t total = 0;
    for (size_t i = 0; i < job->mount_count; i++) {
        if (!job->mounts[i].writable || job->mounts[i].host == NULL) {
            continue;
        }
        AUTO_FD int dir =
            open(job->mounts[i].host, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (dir < 0 || !usage_of_directory(dir, job->limits.disk_bytes, &total)) {
            return false;
        }
    }
    return true;
}

static const char *look_at_processes(struct watch *watch)
{
    struct box *box = watch->box;
    pid_t top = box->inner_pid != 0 ? box->inner_pid : box->process.pid;
    if (top == 0 || (box->cgroup.memory != NULL && box->cgroup.pids != NULL)) {
        return NULL;
    }
    struct arena scratch = {0};
    struct process_usage usage = usage_of_processes(top, &scratch);
    arena_free(&scratch);
    if (usage.memory > watch->peak_memory) {
        watch->peak_memory = usage.memory;
    }
    if (usage.memory > watch->job->limits.memory) {
        return "memory";
    }
    return usage.threads >= watch->job->limits.processes ? "processes" : NULL;
}

/* A look at what costs time to find out; a large tree is walked less often. */
static void look(struct watch *watch)
{
    double began = clock_seconds();
    if (watch->hit == NULL && began >= watch->next_walk) {
        watch->hit = disk_is_within(watch->job) ? NULL : "disk";
        watch->next_walk = began + 10 * (clock_seconds() - began);
    }
    if (watch->hit == NULL) {
        watch->hit = cgroup_limit_hit(&watch->box->cgroup);
    }
    if (watch->hit == NULL &&
        clock_seconds() - watch->start >= (double)watch->job->limits.seconds) {
        watch->hit = "time";
    }
}

/* Until the program has ended or a limit is hit. */
static bool wait_for_end(struct watch *watch, struct error *err)
{
    struct box *box = watch->box;
    for (unsigned tick = 0; watch->hit == NULL; tick++) {
        struct pollfd waits[3] = {{.fd = box->process.pidfd, .events = POLLIN},
                                  {.fd = interrupt_fd(), .events = POLLIN},
                                  {.fd = box->log, .events = POLLIN}};
        double deadline = clock_seconds() + TICK_MS / 1e3;
        int left = TICK_MS;
        do {
            /* Every writer has closed the log: wait for the end alone, do not spin. */
            waits[2].fd = (waits[2].revents & POLLHUP) != 0 ? -1 : box->log;
            int ready = poll(waits, 3, left);
            if (!interrupt_check(err)) {
                return false;
            }
            read_log(watch);
            if (ready > 0 && (waits[0].revents & POLLIN) != 0) {
                return true;
            }
            left = (int)((deadline - clock_seconds()) * 1e3);
        } while (left > 0 && watch->hit == NULL);
        if (watch->job->progress != NULL) {
            watch->job->progress(watch->job->progress_context, clock_seconds() - watch->start);
        }
        if (tick % TICKS_A_LOOK == 0) {
            look(watch);
        }
        if (watch->hit == NULL) {
            watch->hit = look_at_processes(watch);
        }
    }
    return true;
}

/* The kernel tells a pidfd of a namespace's first process only after all others in it are dead. */
static bool end_namespace(struct box *box, struct error *err)
{
    if (box->inner < 0) {
        return true;
    }
    (void)syscall(SYS_pidfd_send_signal, box->inner, SIGKILL, NULL, 0);
    struct pollfd wait = {.fd = box->inner, .events = POLLIN};
    int ready;
    do {
        ready = poll(&wait, 1, DEATH_MS);
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0) {
        return error_set(err, ERROR_IO, "processes of the box do not die");
    }
    return true;
}

bool box_end(struct box *box, struct error *err)
{
    if (box->inner_pid == 0 && box->status < 0 && box->process.pid > 0) {
        /* The supervisor ends its children before itself; a group of stubborn ones goes first. */
        kill(-box->process.pid, SIGTERM);
        struct pollfd wait = {.fd = box->process.pidfd, .events = POLLIN};
        (void)poll(&wait, 1, DEATH_MS);
    }
    bool ended = end_namespace(box, err);
    process_free(&box->process);
    fd_close(&box->inner);
    return ended;
}

/* The first line of LOG, for a message. */
static const char *first_line(struct bytes log, struct arena *arena)
{
    struct scanner scanner = scanner_over(log);
    struct bytes line;
    if (!scanner_line(&scanner, 500, &line) || line.len == 0) {
        return "bubblewrap failed without a word";
    }
    return arena_text(arena, line);
}

/* What the program ended with. Only bubblewrap knows, and it says so only if it came to start it.
 */
static bool read_status(struct watch *watch, struct arena *arena, struct sandbox_result *ret,
                        struct error *err)
{
    struct box *box = watch->box;
    char text[STATUS_BYTES];
    uint64_t code;
    if (watch->hit != NULL) {
        ret->status = 128 + SIGKILL;
        return true;
    }
    if (box->status < 0) {
        int status = 0;
        bool waited = process_wait(&box->process, -1, &status, err);
        ret->status = status;
        return waited;
    }
    ssize_t got = read(box->status, text, sizeof(text));
    if (got > 0 && box_status_number(bytes_from(text, (size_t)got), "\"exit-code\": ", &code)) {
        ret->status = (int)code;
        return true;
    }
    error_set(err, ERROR_TOOL, "cannot set up the sandbox: %s", first_line(ret->log, arena));
    return box_cure(err);
}

static bool watch_and_end(struct watch *watch, struct error *err)
{
    bool watched = wait_for_end(watch, err);
    if (!watched || watch->hit != NULL || watch->box->status >= 0) {
        return box_end(watch->box, watched ? err : NULL) && watched;
    }
    return true;
}

bool box_watch(const struct sandbox_job *job, struct box *box, struct arena *arena,
               struct sandbox_result *ret, struct error *err)
{
    struct watch watch = {.job = job, .box = box, .start = clock_seconds()};
    buffer_init(&watch.log, job->limits.log_bytes);
    bool watched = watch_and_end(&watch, err);
    if (watched) {
        /* The program may have run into a limit between two looks. */
        read_log(&watch);
        const char *late = cgroup_limit_hit(&box->cgroup);
        watch.hit = watch.hit == NULL ? late : watch.hit;
        if (watch.hit == NULL && !disk_is_within(job)) {
            watch.hit = "disk";
        }
        struct sandbox_result result = {.limit_hit = watch.hit == NULL ? "" : watch.hit};
        result.log = arena_bytes(arena, buffer_view(&watch.log));
        result.seconds = clock_seconds() - watch.start;
        uint64_t counted = cgroup_peak_memory(&box->cgroup);
        result.peak_memory = counted != 0 ? counted : watch.peak_memory;
        watched = read_status(&watch, arena, &result, err);
        if (watched) {
            *ret = result;
        }
    }
    buffer_free(&watch.log);
    return watched;
}

void box_free(struct box *box)
{
    box_end(box, NULL);
    fd_close(&box->log);
    fd_close(&box->status);
    cgroup_remove(&box->cgroup);
    arena_free(&box->arena);
}
