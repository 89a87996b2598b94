// SPDX-License-Identifier: Apache-2.0
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/limits.h"
#include "base/scanner.h"

/* What the child needs, prepared before the fork: afterwards nothing may allocate. */
struct launch {
    const struct process_spec *spec;
    pid_t parent;
    int report; /* errno of a failed set-up goes here; close-on-exec tells success */
};

static bool set_limits(const struct process_spec *spec)
{
    for (size_t i = 0; i < spec->limit_count; i++) {
        struct rlimit limit = {.rlim_cur = spec->limits[i].value,
                               .rlim_max = spec->limits[i].value};
        struct rlimit now;
        if (getrlimit((__rlimit_resource_t)spec->limits[i].resource, &now) != 0) {
            return false;
        }
        if (limit.rlim_max > now.rlim_max) {
            limit.rlim_cur = limit.rlim_max = now.rlim_max;
        }
        if (setrlimit((__rlimit_resource_t)spec->limits[i].resource, &limit) != 0) {
            return false;
        }
    }
    return true;
}

/* The three standard descriptors are first copied out of the way, so that no order of the caller's
 * numbers can clobber one with another. */
static bool set_standard(const struct process_spec *spec)
{
    int wanted[3] = {spec->stdin_fd, spec->stdout_fd, spec->stderr_fd};
    int high[3];
    for (int i = 0; i < 3; i++) {
        int from = wanted[i] >= 0 ? wanted[i] : open("/dev/null", O_RDWR | O_CLOEXEC);
        high[i] = from < 0 ? -1 : fcntl(from, F_DUPFD_CLOEXEC, 3);
        if (high[i] < 0) {
            return false;
        }
    }
    for (int i = 0; i < 3; i++) {
        if (dup2(high[i], i) < 0) {
            return false;
        }
    }
    return true;
}

static bool keep_descriptors(const struct process_spec *spec)
{
    for (size_t i = 0; i < spec->descriptor_count; i++) {
        int flags = fcntl(spec->descriptors[i], F_GETFD);
        if (flags < 0 || fcntl(spec->descriptors[i], F_SETFD, flags & ~FD_CLOEXEC) != 0) {
            return false;
        }
    }
    return true;
}

static void reset_signals(void)
{
    struct sigaction normal = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) {
        sigaction(number, &normal, NULL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool prepare_child(const struct launch *launch)
{
    const struct process_spec *spec = launch->spec;
    reset_signals();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != launch->parent) {
        return false;
    }
    if (spec->new_session && setsid() < 0) {
        return false;
    }
    /* Whatever a library opened without close-on-exec must not get across either. */
    if (syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */) != 0 && errno != ENOSYS &&
        errno != EINVAL) {
        return false;
    }
    return keep_descriptors(spec) && fcntl(launch->report, F_SETFD, FD_CLOEXEC) == 0 &&
           set_standard(spec) && set_limits(spec);
}

static _Noreturn void run_child(const struct launch *launch)
{
    if (prepare_child(launch)) {
        /* execve takes char *const [] for history's sake and changes neither array. */
        execve(launch->spec->argv[0], (char *const *)(uintptr_t)launch->spec->argv,
               (char *const *)(uintptr_t)launch->spec->environment);
    }
    int number = errno;
    ssize_t ignored = write(launch->report, &number, sizeof(number));
    (void)ignored;
    _exit(127);
}

/* Reads the errno that a child which could not start wrote; 0 if it started. */
static int read_report(int fd)
{
    int number = 0;
    ssize_t got;
    do {
        got = read(fd, &number, sizeof(number));
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof(number) ? number : 0;
}

bool process_start(const struct process_spec *spec, struct process *ret, struct error *err)
{
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) {
        return error_errno(err, "cannot make a pipe");
    }
    AUTO_FD int read_end = report[0];
    AUTO_FD int write_end = fcntl(report[1], F_DUPFD_CLOEXEC, 3);
    close(report[1]);
    struct launch launch = {.spec = spec, .parent = getpid(), .report = write_end};
    pid_t pid = write_end < 0 ? -1 : fork();
    if (pid == 0) {
        run_child(&launch);
    }
    if (pid < 0) {
        return error_errno(err, "cannot start %s", spec->argv[0]);
    }
    fd_close(&write_end);
    int number = read_report(read_end);
    if (number != 0) {
        waitpid(pid, NULL, 0);
        errno = number;
        return error_errno(err, "cannot run %s", spec->argv[0]);
    }
    *ret = (struct process){.pid = pid, .pidfd = (int)syscall(SYS_pidfd_open, pid, 0)};
    return true;
}

static int status_code(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool process_wait(struct process *process, int timeout_ms, int *ret_status, struct error *err)
{
    struct pollfd waits[2] = {{.fd = process->pidfd, .events = POLLIN},
                              {.fd = interrupt_fd(), .events = POLLIN}};
    int ready = poll(waits, 2, timeout_ms);
    if (!interrupt_check(err)) {
        return false;
    }
    if (ready == 0) {
        return error_set(err, ERROR_TIMEOUT, "still running after %d ms", timeout_ms);
    }
    int status;
    pid_t reaped;
    do {
        reaped = waitpid(process->pid, &status, 0);
    } while (reaped < 0 && errno == EINTR);
    if (reaped < 0) {
        return error_errno(err, "cannot wait for process %d", (int)process->pid);
    }
    process->pid = 0;
    fd_close(&process->pidfd);
    *ret_status = status_code(status);
    return true;
}

void process_free(struct process *process)
{
    if (process->pid > 0) {
        kill(process->pid, SIGKILL);
        while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR) {
        }
        fd_close(&process->pidfd);
    }
    *process = (struct process){.pidfd = -1};
}

static bool is_program(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) &&
           faccessat(AT_FDCWD, path, X_OK, 0) == 0;
}

bool process_find(const char *name, const char *cure_package, struct arena *arena, const char **ret,
                  struct error *err)
{
    static const char system_path[] = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
    const char *path = getenv("PATH");
    path = arena_printf(arena, "%s:%s", path == NULL ? "" : path, system_path);
    struct scanner scanner = scanner_over(bytes_from_string(path));
    struct bytes folder;
    while (scanner_field(&scanner, ':', LIMIT_PATH, &folder)) {
        /* A relative entry would run what lies in the working directory. */
        if (folder.len == 0 || folder.data[0] != '/') {
            continue;
        }
        const char *full = arena_printf(arena, "%s/%s", arena_text(arena, folder), name);
        if (is_program(full)) {
            *ret = full;
            return true;
        }
    }
    error_set(err, ERROR_ABSENT, "the program %s is not installed", name);
    return error_cure(err, "install it (Debian: apt install %s)", cure_package);
}

bool process_find_helper(const char *name, struct arena *arena, const char **ret, struct error *err)
{
    char self[LIMIT_PATH];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self));
    struct bytes folder;
    struct bytes program;
    if (len > 0 && (size_t)len < sizeof(self) &&
        scan_cut_last(bytes_from(self, (size_t)len), '/', &folder, &program)) {
        const char *beside = arena_printf(arena, "%s/helpers/%s", arena_text(arena, folder), name);
        if (is_program(beside)) {
            *ret = beside;
            return true;
        }
    }
    const char *installed = arena_printf(arena, "%s/%s", LIBEXEC_DIR, name);
    if (!is_program(installed)) {
        error_set(err, ERROR_ABSENT, "our helper program %s is missing", installed);
        return error_cure(err,
                          "install reproof whole (meson install), or run it from its build tree");
    }
    *ret = installed;
    return true;
}
