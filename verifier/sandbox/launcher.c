// SPDX-License-Identifier: Apache-2.0
/* The first program in the box: puts off what is left of root, sets the limit on processes (which
 * must be set inside, so that the user's other processes do not count), and becomes the build.
 *
 *     SELF launch USER PROCESSES PROGRAM [ARGUMENT...]       USER 0: stay who we are;
 *                                                            PROCESSES 0: no limit here
 *     SELF supervise DIRECTORY PROCESSES PROGRAM [ARGUMENT...]
 *
 * Called uname it prints the machine. The second is for a build without a box: it ends when the
 * program and all that it started are dead.
 *
 * A static program, as the box holds no C library. It says what failed and exits with 126. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    dprintf(STDERR_FILENO, "sandbox: %s: %s\n", what, strerror(errno));
    _exit(126);
}

static unsigned number(const char *text)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value > INT32_MAX) {
        fail("argument is no number");
    }
    return (unsigned)value;
}

static void limit_processes(unsigned maximum)
{
    struct rlimit limit;
    if (maximum == 0) {
        return;
    }
    if (getrlimit(RLIMIT_NPROC, &limit) != 0) {
        fail("cannot read the limit on processes");
    }
    if (limit.rlim_max > maximum) {
        limit.rlim_max = maximum;
    }
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NPROC, &limit) != 0) {
        fail("cannot limit processes");
    }
}

static void become(uid_t user)
{
    uid_t real;
    uid_t effective;
    uid_t saved;
    if (setgroups(0, NULL) != 0 || setresgid(user, user, user) != 0 ||
        setresuid(user, user, user) != 0) {
        fail("cannot become an ordinary user");
    }
    if (getresuid(&real, &effective, &saved) != 0 || real != user || effective != user ||
        saved != user || getgroups(0, NULL) != 0) {
        fail("did not become an ordinary user");
    }
}

/* Takes all capabilities away and looks whether they are gone. */
static void drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {0};
    struct __user_cap_data_struct left[2] = {0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 ||
        syscall(SYS_capset, &header, none) != 0 || syscall(SYS_capget, &header, left) != 0) {
        fail("cannot give up capabilities");
    }
    if (memcmp(none, left, sizeof(none)) != 0 || setresuid(0, 0, 0) == 0) {
        errno = EPERM;
        fail("capabilities are left");
    }
}

static _Noreturn void run(char **argv)
{
    execv(argv[0], argv);
    dprintf(STDERR_FILENO, "sandbox: cannot run %s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static _Noreturn void launch(char **argv)
{
    uid_t user = number(argv[0]);
    limit_processes(number(argv[1]));
    if (syscall(SYS_close_range, 3U, ~0U, 0U) != 0 && errno != ENOSYS && errno != EPERM) {
        fail("cannot close descriptors");
    }
    if (user != 0) {
        become(user);
    }
    drop_capabilities();
    run(argv + 2);
}

/* Kills the children that are left, over and over until there are none: their own children become
 * ours when they die. */
static void end_children(void)
{
    for (;;) {
        char list[4096];
        int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
        ssize_t len = fd < 0 ? -1 : read(fd, list, sizeof(list) - 1);
        close(fd);
        list[len < 0 ? 0 : len] = '\0';
        char *at = list;
        for (long pid = strtol(at, &at, 10); pid > 1; pid = strtol(at, &at, 10)) {
            kill((pid_t)pid, SIGKILL);
        }
        /* Without that list in /proc there is nobody to name: do not wait for ever. */
        if (waitpid(-1, NULL, len > 0 ? 0 : WNOHANG) <= 0 && (len <= 0 || errno == ECHILD)) {
            return;
        }
    }
}

static void note_signal(int signal_number)
{
    (void)signal_number;
}

static _Noreturn void supervise(char **argv)
{
    struct sigaction interrupting = {.sa_handler = note_signal};
    unsigned processes = number(argv[1]);
    if (chdir(argv[0]) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0 ||
        sigaction(SIGTERM, &interrupting, NULL) != 0) {
        fail("cannot watch over the build");
    }
    pid_t supervisor = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        struct sigaction normal = {.sa_handler = SIG_DFL};
        sigaction(SIGTERM, &normal, NULL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == supervisor) {
            limit_processes(processes);
            run(argv + 2);
        }
        _exit(126);
    }
    if (pid < 0) {
        fail("cannot start the build");
    }
    int status = SIGTERM;
    while (true) {
        pid_t ended = wait(&status);
        if (ended == pid || ended < 0) {
            break;
        }
    }
    end_children();
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* As uname -m, which `go tool dist` asks for up to Go 1.20. */
static int tell_machine(void)
{
    struct utsname name;
    if (uname(&name) != 0) {
        fail("uname");
    }
    return puts(name.machine) < 0;
}

int main(int argc, char **argv)
{
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    if (argc > 0 && strcmp(slash == NULL ? argv[0] : slash + 1, "uname") == 0) {
        return tell_machine();
    }
    if (argc >= 5 && strcmp(argv[1], "launch") == 0) {
        launch(argv + 2);
    }
    if (argc >= 5 && strcmp(argv[1], "supervise") == 0) {
        supervise(argv + 2);
    }
    errno = EINVAL;
    fail("wrong call of the launcher");
}
