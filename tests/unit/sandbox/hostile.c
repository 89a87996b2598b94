// SPDX-License-Identifier: Apache-2.0
/* What a hostile build might try, one act a call; each prints what came of it. Static, as the box
 * has no C library.
 *
 *     hostile ACT [ARGUMENT] */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void tell(const char *what, long result)
{
    printf("%s: %s\n", what, result >= 0 ? "WORKED" : strerrorname_np(errno));
    fflush(stdout);
}

static void tell_identity(const char *argument)
{
    (void)argument;
    uid_t user[3];
    gid_t group[3];
    struct {
        unsigned version;
        int pid;
    } header = {0x20080522, 0};
    unsigned capabilities[6] = {0};
    getresuid(&user[0], &user[1], &user[2]);
    getresgid(&group[0], &group[1], &group[2]);
    printf("user %u %u %u group %u %u %u\n", user[0], user[1], user[2], group[0], group[1],
           group[2]);
    printf("groups %d\n", getgroups(0, NULL));
    syscall(SYS_capget, &header, capabilities);
    printf("capabilities %x %x %x %x %x %x\n", capabilities[0], capabilities[1], capabilities[2],
           capabilities[3], capabilities[4], capabilities[5]);
    tell("setuid", setresuid(0, 0, 0));
    tell("chown", chown("/out", 0, 0));
    tell("chroot", chroot("/tmp"));
}

static void read_file(const char *path)
{
    int fd = open(path, O_RDONLY);
    tell(path, fd);
    char text[64] = "";
    if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0) {
        printf("content %s\n", text);
    }
}

static void write_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    tell(path, fd);
    tell("write", write(fd, "hostile", 7));
}

static void list_directory(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        printf("entry %s\n", entry->d_name);
    }
}

static void tell_environment(const char *argument)
{
    (void)argument;
    for (char **entry = environ; *entry != NULL; entry++) {
        printf("environment %s\n", *entry);
    }
}

static void tell_descriptors(const char *argument)
{
    (void)argument;
    for (int fd = 0; fd < 4096; fd++) {
        if (fcntl(fd, F_GETFD) >= 0) {
            printf("descriptor %d\n", fd);
        }
    }
    char byte;
    printf("stdin %zd\n", read(0, &byte, 1));
}

static void use_network(const char *argument)
{
    (void)argument;
    tell("tcp", socket(AF_INET, SOCK_STREAM, 0));
    tell("tcp6", socket(AF_INET6, SOCK_STREAM, 0));
    tell("udp", socket(AF_INET, SOCK_DGRAM, 0));
    tell("raw", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    tell("unix", socket(AF_UNIX, SOCK_STREAM, 0));
    tell("netlink", socket(AF_NETLINK, SOCK_RAW, 0));
    tell("packet", socket(AF_PACKET, SOCK_RAW, 0));
    int pair[2];
    tell("pair", socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    struct sockaddr_un abstract = {.sun_family = AF_UNIX};
    memcpy(abstract.sun_path, "\0hostile", 8);
    tell("abstract", connect(pair[0], (struct sockaddr *)&abstract,
                             offsetof(struct sockaddr_un, sun_path) + 8));
}

static void use_terminal(const char *argument)
{
    (void)argument;
    tell("tty", open("/dev/tty", O_RDWR));
    tell("TIOCSTI", ioctl(1, TIOCSTI, "x"));
    tell("TIOCSTI high", syscall(SYS_ioctl, 1, 0xffffffff00000000UL | TIOCSTI, "x"));
    tell("TIOCLINUX", ioctl(1, TIOCLINUX, "x"));
    tell("TIOCSCTTY", ioctl(1, TIOCSCTTY, 0));
}

static void break_out(const char *argument)
{
    (void)argument;
    tell("unshare", unshare(CLONE_NEWUSER));
    tell("clone", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
    tell("clone3", syscall(SYS_clone3, NULL, 0));
    tell("setns", setns(1, 0));
    tell("mount", mount("none", "/tmp", "tmpfs", 0, NULL));
    tell("umount", umount("/tmp"));
    tell("pivot_root", syscall(SYS_pivot_root, "/tmp", "/tmp"));
    tell("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
    tell("open_tree", syscall(SYS_open_tree, -100, "/", 0));
    tell("io_uring", syscall(SYS_io_uring_setup, 1, NULL));
    tell("bpf", syscall(SYS_bpf, 0, NULL, 0));
    tell("ptrace", ptrace(PTRACE_ATTACH, 1, NULL, NULL));
    tell("process_vm", syscall(SYS_process_vm_readv, 1, NULL, 0, NULL, 0, 0));
    tell("keyctl", syscall(SYS_keyctl, 0, -3, 0, 0, 0));
    tell("perf", syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0));
    tell("userfaultfd", syscall(SYS_userfaultfd, 0));
    tell("handle", syscall(SYS_open_by_handle_at, 0, NULL, 0));
    tell("memfd", memfd_create("x", 0));
    /* The kernel answers yes, but the first process of a namespace does not die of its own. */
    kill(1, SIGKILL);
    tell("mknod", mknod("/tmp/fifo", S_IFIFO | 0600, 0));
    tell("mkdir /", mkdir("/evil", 0755));
    tell("setuid file", chmod("/tmp", 04755));
}

static void fork_bomb(const char *argument)
{
    (void)argument;
    for (;;) {
        if (fork() == 0) {
            fork();
        }
        usleep(1000);
    }
}

static void use_memory(const char *argument)
{
    (void)argument;
    for (;;) {
        char *memory = malloc(16 << 20);
        if (memory == NULL) {
            _exit(1);
        }
        memset(memory, 1, 16 << 20);
    }
}

/* Many processes, each below the limit of one. */
static void share_memory(const char *argument)
{
    for (int i = 0; i < 8; i++) {
        if (fork() == 0) {
            memset(malloc(40 << 20), 1, 40 << 20);
            sleep(100);
        }
    }
    sleep(100);
    (void)argument;
}

static void fill_disk(const char *path)
{
    static char block[1 << 20];
    memset(block, 1, sizeof(block));
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    long mebibytes = 0;
    while (write(fd, block, sizeof(block)) > 0) {
        mebibytes++;
    }
    printf("filled %ld\n", mebibytes);
    tell("fill", -1);
}

/* File after file, so that no limit on the size of one is met. */
static void fill_with_files(const char *path)
{
    static char block[1 << 20];
    memset(block, 1, sizeof(block));
    tell("chdir", chdir(path));
    for (int i = 0;; i++) {
        char name[32];
        snprintf(name, sizeof(name), "%d", i);
        int fd = open(name, O_WRONLY | O_CREAT, 0644);
        if (fd < 0 || write(fd, block, sizeof(block)) < 0) {
            tell("fill", -1);
            return;
        }
        close(fd);
    }
}

static void fill_with_empty_files(const char *path)
{
    tell("chdir", chdir(path));
    for (int i = 0;; i++) {
        char name[32];
        snprintf(name, sizeof(name), "%d", i);
        close(open(name, O_WRONLY | O_CREAT, 0644));
    }
}

static void nest(const char *path)
{
    tell("chdir", chdir(path));
    for (int i = 0; i < 5000 && mkdir("d", 0700) == 0 && chdir("d") == 0; i++) {
    }
    sleep(100);
}

/* Hides what it writes in a directory that cannot be listed. */
static void hide(const char *path)
{
    tell("chdir", chdir(path));
    mkdir("d", 0300);
    close(open("d/f", O_WRONLY | O_CREAT, 0600));
    sleep(100);
}

static void flood_log(const char *argument)
{
    (void)argument;
    for (;;) {
        puts("\x1b]0;hostile\a flood flood flood");
    }
}

static void spin(const char *argument)
{
    (void)argument;
    for (volatile int i = 0;; i++) {
    }
}

static void sleep_for_ever(const char *argument)
{
    (void)argument;
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    puts("sleeping");
    fflush(stdout);
    for (;;) {
        pause();
    }
}

/* Ends, but leaves a process in a session of its own that goes on writing the output. */
static void stay_behind(const char *path)
{
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            signal(SIGTERM, SIG_IGN);
            for (int fd = 0; fd < 3; fd++) {
                close(fd);
            }
            for (unsigned i = 0;; i++) {
                int fd = open(path, O_WRONLY | O_CREAT, 0644);
                ssize_t ignored = pwrite(fd, &i, sizeof(i), 0);
                (void)ignored;
                close(fd);
                usleep(1000);
            }
        }
        _exit(0);
    }
    usleep(100000);
    puts("done");
}

static void make_symlink(const char *path)
{
    tell("symlink", symlink("/etc/passwd", path));
}

static void make_hard_link(const char *path)
{
    char other[256];
    snprintf(other, sizeof(other), "%s.other", path);
    write_file(other);
    tell("link", link(other, path));
}

static void make_sparse(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0644);
    tell("truncate", ftruncate(fd, 5LL << 30));
}

static void make_unreadable(const char *path)
{
    write_file(path);
    tell("chmod", chmod(path, 0));
}

static void make_directory(const char *path)
{
    tell("mkdir", mkdir(path, 0755));
}

static void make_fifo(const char *path)
{
    tell("fifo", mkfifo(path, 0644));
}

static void say_controls(const char *argument)
{
    (void)argument;
    fwrite("\x1b[2Jred\x07\0after", 1, 16, stdout);
}

static void crash(const char *argument)
{
    (void)argument;
    raise(SIGSEGV);
}

static void call_foreign(const char *argument)
{
    (void)argument;
#ifdef __x86_64__
    tell("x32", syscall(0x40000000 | SYS_getpid));
#endif
}

static const struct {
    const char *name;
    void (*act)(const char *argument);
} acts[] = {
    {"identity", tell_identity},
    {"read", read_file},
    {"write", write_file},
    {"list", list_directory},
    {"environment", tell_environment},
    {"descriptors", tell_descriptors},
    {"network", use_network},
    {"terminal", use_terminal},
    {"break-out", break_out},
    {"fork-bomb", fork_bomb},
    {"memory", use_memory},
    {"share-memory", share_memory},
    {"fill-disk", fill_disk},
    {"fill-with-files", fill_with_files},
    {"fill-with-empty-files", fill_with_empty_files},
    {"nest", nest},
    {"hide", hide},
    {"flood-log", flood_log},
    {"spin", spin},
    {"sleep", sleep_for_ever},
    {"stay-behind", stay_behind},
    {"symlink", make_symlink},
    {"hard-link", make_hard_link},
    {"sparse", make_sparse},
    {"unreadable", make_unreadable},
    {"directory", make_directory},
    {"fifo", make_fifo},
    {"controls", say_controls},
    {"crash", crash},
    {"foreign", call_foreign},
};

static int act_on(const char *name, const char *argument)
{
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        if (strcmp(name, acts[i].name) == 0) {
            acts[i].act(argument);
            return 0;
        }
    }
    return 99;
}

/* As bin/go of a hostile toolchain: the act stands in a file of that toolchain. */
static int act_as_go(void)
{
    char name[64] = "";
    char argument[256] = "";
    FILE *file = fopen("/go/act", "r");
    if (file == NULL || fscanf(file, "%63s %255s", name, argument) < 1) {
        return 98;
    }
    fclose(file);
    return act_on(name, argument);
}

int main(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "build") == 0) {
        return act_as_go();
    }
    return argc >= 2 ? act_on(argv[1], argc >= 3 ? argv[2] : "") : 99;
}
