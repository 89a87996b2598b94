// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/confine.h"
#include "base/interrupt.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/sandbox/box.h"
#include "verifier/sandbox/bubblewrap_arguments.h"

/* Setting up a few thousand mounts takes well under a second on an idle machine. */
#define SET_UP_MS 60000
/* bubblewrap refuses more than 9,000, those on its own command line included. */
#define MAXIMUM_ARGUMENTS 8000
#define ARGUMENT_BYTES (64 * MIB)
#define STATUS_BYTES 4096

/* What is open while bubblewrap is started; the first half goes to it. */
struct set_up {
    int descriptors[6 + LIMIT_BOX_MOUNTS];
    size_t count;
    int unblock, log_write;
};

static void set_up_free(struct set_up *set_up)
{
    for (size_t i = 0; i < set_up->count; i++) {
        fd_close(&set_up->descriptors[i]);
    }
    fd_close(&set_up->unblock);
    fd_close(&set_up->log_write);
}

bool box_memory_file(const char *name, struct bytes content, int *ret, struct error *err)
{
    AUTO_FD int low = memfd_create(name, MFD_CLOEXEC);
    /* Above the standard descriptors, whatever of them is closed. */
    AUTO_FD int fd = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, 3);
    if (fd < 0) {
        return error_errno(err, "cannot make a file in memory");
    }
    size_t done = 0;
    while (done < content.len) {
        ssize_t wrote = write(fd, content.data + done, content.len - done);
        if (wrote < 0 && errno != EINTR) {
            return error_errno(err, "cannot write a file in memory");
        }
        done += wrote < 0 ? 0 : (size_t)wrote;
    }
    if (lseek(fd, 0, SEEK_SET) != 0) {
        return error_errno(err, "cannot rewind a file in memory");
    }
    *ret = fd_steal(&fd);
    return true;
}

static bool make_pipe(int *ret_read, int *ret_write, struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return error_errno(err, "cannot make a pipe");
    }
    *ret_read = fcntl(ends[0], F_DUPFD_CLOEXEC, 3);
    *ret_write = fcntl(ends[1], F_DUPFD_CLOEXEC, 3);
    close(ends[0]);
    close(ends[1]);
    return (*ret_read >= 0 && *ret_write >= 0) || error_errno(err, "cannot make a pipe");
}

static bool add_memory_file(struct set_up *set_up, const char *name, struct bytes content, int *ret,
                            struct error *err)
{
    if (!box_memory_file(name, content, ret, err)) {
        return false;
    }
    set_up->descriptors[set_up->count++] = *ret;
    return true;
}

static bool make_pipes(struct set_up *set_up, struct box *box, struct bubblewrap_descriptors *ret,
                       struct error *err)
{
    int status_write = -1;
    int block_read = -1;
    bool made = make_pipe(&box->status, &status_write, err) &&
                make_pipe(&block_read, &set_up->unblock, err) &&
                make_pipe(&box->log, &set_up->log_write, err);
    set_up->descriptors[set_up->count++] = ret->block = block_read;
    set_up->descriptors[set_up->count++] = ret->status = status_write;
    return made && (fcntl(box->log, F_SETFL, O_NONBLOCK) == 0 ||
                    error_errno(err, "cannot set up the pipe for the log"));
}

static bool make_descriptors(const struct sandbox_job *job, struct set_up *set_up, struct box *box,
                             struct bubblewrap_descriptors *ret, struct error *err)
{
    AUTO(buffer) struct buffer program;
    buffer_init(&program, MIB);
    if (!make_pipes(set_up, box, ret, err) || !confine_build_program(&program, err) ||
        !add_memory_file(set_up, "seccomp", buffer_view(&program), &ret->seccomp, err) ||
        !add_memory_file(set_up, "launcher", box_launcher(), &ret->launcher, err)) {
        return false;
    }
    int *files = ARENA_ARRAY(&box->arena, job->file_count + 1, int);
    for (size_t i = 0; i < job->file_count; i++) {
        if (!add_memory_file(set_up, "file", job->files[i].content, &files[i], err)) {
            return false;
        }
    }
    ret->files = files;
    return true;
}

/* RLIMIT_NPROC counts a user's processes wherever they are, and two boxes that root starts have the
 * same user. So it is only a stop for what grows faster than it can be watched, and not set (0)
 * where a group counts. */
static unsigned process_limit(const struct sandbox_job *job, const struct box *box)
{
    return box->cgroup.pids != NULL ? 0 : job->limits.processes * 4;
}

/* "bwrap --args N -- /.box/launch launch ..."; root's program becomes SANDBOX_USER, a user's
 * already is. */
static const char *const *command_line(const struct sandbox_job *job, const char *bubblewrap,
                                       int arguments, bool as_root, struct box *box)
{
    struct arena *arena = &box->arena;
    size_t count = 0;
    while (job->argv[count] != NULL) {
        count++;
    }
    const char **argv = ARENA_ARRAY(arena, count + 10, const char *);
    size_t used = 0;
    argv[used++] = bubblewrap;
    argv[used++] = "--args";
    argv[used++] = arena_printf(arena, "%d", arguments);
    argv[used++] = "--";
    argv[used++] = BOX_LAUNCHER;
    argv[used++] = "launch";
    argv[used++] = as_root ? SANDBOX_USER_TEXT : "0";
    argv[used++] = arena_printf(arena, "%u", process_limit(job, box));
    for (size_t i = 0; i < count; i++) {
        argv[used++] = job->argv[i];
    }
    return argv;
}

static bool start(const struct sandbox_job *job, const char *const *argv,
                  const struct set_up *set_up, struct box *box, struct error *err)
{
    static const char *const nothing[] = {NULL};
    uint64_t cores = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t data = box->cgroup.memory != NULL ? RLIM_INFINITY : box_data_limit(job->limits.memory);
    const struct process_limit limits[] = {
        {RLIMIT_CORE, 0},
        {RLIMIT_CPU, job->limits.seconds * cores},
        {RLIMIT_FSIZE, job->limits.disk_bytes},
        {RLIMIT_DATA, data},
    };
    const struct process_spec spec = {
        .argv = argv,
        .environment = nothing,
        .stdin_fd = -1,
        .stdout_fd = set_up->log_write,
        .stderr_fd = set_up->log_write,
        .descriptors = set_up->descriptors,
        .descriptor_count = set_up->count,
        .limits = limits,
        .limit_count = ARRAY_LEN(limits),
        .new_session = true,
    };
    return process_start(&spec, &box->process, err);
}

bool box_status_number(struct bytes text, const char *key, uint64_t *ret)
{
    size_t at = bytes_find(text, 0, bytes_from_string(key));
    if (at == SIZE_MAX) {
        return false;
    }
    struct scanner scanner = scanner_over(text);
    scanner.position = at + strlen(key);
    return scanner_number(&scanner, INT32_MAX, ret);
}

/* Reads until bubblewrap has named the box's first process. False without an error if it ended
 * before that. */
static bool read_inner_pid(struct box *box, bool *ret_failed, struct error *err)
{
    char text[STATUS_BYTES];
    size_t len = 0;
    uint64_t pid;
    *ret_failed = true;
    while (len < sizeof(text)) {
        struct pollfd waits[2] = {{.fd = box->status, .events = POLLIN},
                                  {.fd = interrupt_fd(), .events = POLLIN}};
        if (poll(waits, 2, SET_UP_MS) == 0) {
            return error_set(err, ERROR_TIMEOUT, "bubblewrap did not set up the box in time");
        }
        if (!interrupt_check(err)) {
            return false;
        }
        ssize_t got = read(box->status, text + len, sizeof(text) - len);
        if (got <= 0) {
            *ret_failed = false;
            return false;
        }
        len += (size_t)got;
        if (memchr(text, '\n', len) != NULL &&
            box_status_number(bytes_from(text, len), "\"child-pid\": ", &pid)) {
            box->inner_pid = (pid_t)pid;
            return true;
        }
    }
    return error_set(err, ERROR_TOOL, "bubblewrap says what we do not understand");
}

/* The first process waits for the byte that is written here: until then it is in no group. If it is
 * gone already, its set-up failed, and box_watch reads why in the log. */
static bool release(struct box *box, struct set_up *set_up, struct error *err)
{
    box->inner = (int)syscall(SYS_pidfd_open, box->inner_pid, 0);
    if (box->inner < 0) {
        return errno == ESRCH || error_errno(err, "cannot watch the box");
    }
    if (!cgroup_add(&box->cgroup, box->inner_pid)) {
        return errno == ESRCH || error_errno(err, "cannot limit the box");
    }
    return write(set_up->unblock, "x", 1) == 1 || error_errno(err, "cannot start the box");
}

static size_t count_arguments(struct bytes arguments)
{
    size_t count = 0;
    for (size_t i = 0; i < arguments.len; i++) {
        count += arguments.data[i] == '\0';
    }
    return count;
}

static bool go(const struct sandbox_job *job, struct set_up *set_up, struct box *box,
               struct error *err)
{
    bool as_root = geteuid() == 0;
    struct bubblewrap_descriptors descriptors;
    const char *program;
    int arguments_fd;
    AUTO(buffer) struct buffer arguments;
    buffer_init(&arguments, ARGUMENT_BYTES);
    if (!process_find("bwrap", "bubblewrap", &box->arena, &program, err) ||
        !make_descriptors(job, set_up, box, &descriptors, err)) {
        return false;
    }
    bubblewrap_arguments(job, &descriptors, as_root, &box->arena, &arguments);
    if (!buffer_ok(&arguments) || count_arguments(buffer_view(&arguments)) > MAXIMUM_ARGUMENTS) {
        return error_set(err, ERROR_LIMIT, "the box needs more mounts than bubblewrap can make");
    }
    if (!add_memory_file(set_up, "arguments", buffer_view(&arguments), &arguments_fd, err)) {
        return false;
    }
    const char *const *argv = command_line(job, program, arguments_fd, as_root, box);
    if (!start(job, argv, set_up, box, err)) {
        return false;
    }
    /* Ours must be closed for the pipes to end. The first is kept: with a reader of our own the
     * write that releases the box raises no SIGPIPE. */
    for (size_t i = 1; i < set_up->count; i++) {
        fd_close(&set_up->descriptors[i]);
    }
    fd_close(&set_up->log_write);
    bool failed;
    if (read_inner_pid(box, &failed, err)) {
        return release(box, set_up, err);
    }
    /* Ended at once: box_watch reads why in its log. */
    return !failed;
}

bool bubblewrap_start(const struct sandbox_job *job, struct box *box, struct error *err)
{
    if (!bubblewrap_check(job, &box->arena, err)) {
        return false;
    }
    cgroup_make(job->limits.memory, job->limits.processes, &box->arena, &box->cgroup);
    struct set_up *set_up = ARENA_NEW(&box->arena, struct set_up);
    set_up->unblock = set_up->log_write = -1;
    bool started = go(job, set_up, box, err);
    set_up_free(set_up);
    return started;
}
