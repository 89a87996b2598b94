// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "verifier/sandbox/box.h"

/* Without a namespace of its own the user's other processes count as well. */
#define PROCESSES_BESIDE 4096

static const char *const *command_line(const struct sandbox_job *job, int launcher,
                                       struct arena *arena)
{
    size_t count = 0;
    while (job->argv[count] != NULL) {
        count++;
    }
    const char **argv = ARENA_ARRAY(arena, count + 5, const char *);
    argv[0] = arena_printf(arena, "/proc/self/fd/%d", launcher);
    argv[1] = "supervise";
    argv[2] = job->directory == NULL ? "/" : job->directory;
    argv[3] = arena_printf(arena, "%u", job->limits.processes + PROCESSES_BESIDE);
    for (size_t i = 0; i < count; i++) {
        argv[4 + i] = job->argv[i];
    }
    return argv;
}

static bool start(const struct sandbox_job *job, const char *const *argv, int log,
                  struct process *ret, struct error *err)
{
    static const char *const nothing[] = {NULL};
    const struct process_limit limits[] = {
        {RLIMIT_CORE, 0},
        {RLIMIT_FSIZE, job->limits.disk_bytes},
        {RLIMIT_DATA, box_data_limit(job->limits.memory)},
    };
    const struct process_spec spec = {
        .argv = argv,
        .environment = job->environment == NULL ? nothing : job->environment,
        .stdin_fd = -1,
        .stdout_fd = log,
        .stderr_fd = log,
        .limits = limits,
        .limit_count = ARRAY_LEN(limits),
        .new_session = true,
    };
    return process_start(&spec, ret, err);
}

bool unboxed_start(const struct sandbox_job *job, struct box *box, struct error *err)
{
    int ends[2];
    AUTO_FD int launcher = -1;
    if (!box_memory_file("launcher", box_launcher(), &launcher, err)) {
        return false;
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return error_errno(err, "cannot make a pipe");
    }
    box->log = ends[0];
    AUTO_FD int log_write = fcntl(ends[1], F_DUPFD_CLOEXEC, 3);
    close(ends[1]);
    if (log_write < 0 || fcntl(box->log, F_SETFL, O_NONBLOCK) != 0) {
        return error_errno(err, "cannot set up the pipe for the log");
    }
    const char *const *argv = command_line(job, launcher, &box->arena);
    return start(job, argv, log_write, &box->process, err);
}
