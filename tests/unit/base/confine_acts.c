// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base/confine_acts.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

static int answer(long result)
{
    return result < 0 ? errno : 0;
}

int read_open_file(const struct surroundings *here)
{
    char text[5];
    struct stat status;
    if (fstat(here->file, &status) != 0 || status.st_size != 5) {
        return EIO;
    }
    return pread(here->file, text, 5, 0) == 5 && memcmp(text, "hello", 5) == 0 ? 0 : EIO;
}

int use_memory(const struct surroundings *here)
{
    (void)here;
    for (size_t size = 16; size < 64 << 20; size *= 4) {
        char *memory = malloc(size);
        if (memory == NULL) {
            return ENOMEM;
        }
        memset(memory, 1, size);
        memory = realloc(memory, size * 2);
        if (memory == NULL || memory[size - 1] != 1) {
            return ENOMEM;
        }
        free(memory);
    }
    return 0;
}

int write_pipe(const struct surroundings *here)
{
    return answer(write(here->pipe[1], "x", 1));
}

int open_root(const struct surroundings *here)
{
    (void)here;
    return answer(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

int open_beneath(const struct surroundings *here)
{
    return answer(openat(here->dir, "file", O_RDONLY | O_CLOEXEC));
}

int make_socket(const struct surroundings *here)
{
    (void)here;
    return answer(socket(AF_INET, SOCK_STREAM, 0));
}

int make_unix_socket(const struct surroundings *here)
{
    (void)here;
    return answer(socket(AF_UNIX, SOCK_STREAM, 0));
}

int make_netlink(const struct surroundings *here)
{
    (void)here;
    return answer(socket(AF_NETLINK, SOCK_RAW, 0));
}

int make_packet_socket(const struct surroundings *here)
{
    (void)here;
    return answer(socket(AF_PACKET, SOCK_RAW, 0));
}

int make_pair(const struct surroundings *here)
{
    (void)here;
    int pair[2];
    return answer(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}

int run_program(const struct surroundings *here)
{
    (void)here;
    char *const argv[] = {(char[]){"true"}, NULL};
    return answer(execv("/bin/true", argv));
}

int fork_child(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

int signal_parent(const struct surroundings *here)
{
    (void)here;
    return answer(kill(getppid(), 0));
}

int signal_thread_of_parent(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_tgkill, getppid(), getppid(), 0));
}

int abort_itself(const struct surroundings *here)
{
    (void)here;
    signal(SIGABRT, SIG_DFL);
    abort();
}

int map_executable(const struct surroundings *here)
{
    (void)here;
    void *map = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return map == MAP_FAILED ? errno : 0;
}

int trace_parent(const struct surroundings *here)
{
    (void)here;
    return answer(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

int new_thread_call(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_clone3, NULL, 0));
}

int new_mount_call(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_fsopen, "tmpfs", 0));
}

int make_beneath(const struct surroundings *here)
{
    struct error err;
    AUTO_FD int dir = -1;
    AUTO_FD int file = -1;
    bool made = directory_make(here->dir, "a/b", 0755, &dir, &err) &&
                file_open_beneath(dir, "c", O_WRONLY | O_CREAT | O_EXCL, 0644, &file, &err) &&
                file_write_all(file, bytes_from_string("text"), &err);
    return made && unlinkat(dir, "c", 0) == 0 ? 0 : EIO;
}

int make_outside(const struct surroundings *here)
{
    (void)here;
    return answer(open("/tmp/confine-outside", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

int make_link(const struct surroundings *here)
{
    return answer(symlinkat("/etc/passwd", here->dir, "link"));
}

int make_fifo(const struct surroundings *here)
{
    return answer(mkfifoat(here->dir, "fifo", 0600));
}

int write_beneath(const struct surroundings *here)
{
    return answer(openat(here->dir, "file", O_WRONLY | O_CLOEXEC));
}

int open_own_directory(const struct surroundings *here)
{
    return answer(open(here->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

int bind_port(const struct surroundings *here)
{
    (void)here;
    struct sockaddr_in address = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return answer(bind(fd, (struct sockaddr *)&address, sizeof(address)));
}

static void *nothing(void *argument)
{
    return argument;
}

int start_thread(const struct surroundings *here)
{
    (void)here;
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, nothing, NULL);
    return failed != 0 ? failed : pthread_join(thread, NULL);
}

int new_user_namespace(const struct surroundings *here)
{
    (void)here;
    return answer(unshare(CLONE_NEWUSER));
}

int clone_user_namespace(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
}

int join_namespace(const struct surroundings *here)
{
    return answer(setns(here->file, 0));
}

int mount_something(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_mount, "none", "/mnt", "tmpfs", 0, NULL));
}

int use_bpf(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_bpf, 0, NULL, 0));
}

int use_io_uring(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_io_uring_setup, 1, NULL));
}

int use_keys(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_keyctl, 0, -3, 0, 0, 0));
}

int type_into_terminal(const struct surroundings *here)
{
    return answer(ioctl(here->pipe[0], TIOCSTI, "x"));
}

/* The kernel looks at 32 bits of the request; a filter that compares 64 lets this one through. */
int type_with_high_bits(const struct surroundings *here)
{
    return answer(syscall(SYS_ioctl, here->pipe[0], 0x100000000UL | TIOCSTI, "x"));
}

int linux_console(const struct surroundings *here)
{
    return answer(ioctl(here->pipe[0], TIOCLINUX, "x"));
}

int make_set_user_id(const struct surroundings *here)
{
    return answer(fchmod(here->file, 04755));
}

int change_mode(const struct surroundings *here)
{
    return answer(fchmod(here->file, 0755));
}

int run_and_wait(const struct surroundings *here)
{
    pid_t pid = fork();
    if (pid == 0) {
        _exit(run_program(here));
    }
    int status;
    return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : EIO;
}

#ifdef __x86_64__
int foreign_call(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(0x40000000 | SYS_getpid));
}

int call_of_32_bits(const struct surroundings *here)
{
    (void)here;
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
    return result < 0 ? (int)-result : 0;
}
#endif
