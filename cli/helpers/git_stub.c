// SPDX-License-Identifier: Apache-2.0
/* The git of the sandbox: answers what cmd/go of Go 1.18 to 1.27 asks about the working copy that
 * it builds, so that the version control stamp of the artifact comes out again without a
 * repository.
 *
 * The answers are static data: the file that $REPROOF_ANSWERS names, lines "key value" (root,
 * revision, time, modified, tag, base, devel, no-go-mod). A question that is not known is logged
 * and fails, so that a new question of a new Go is seen instead of answered wrongly.
 *
 * The sandbox has no libc and no loader. So this is freestanding: four system calls, no start-up
 * code of others, no memory but its own. What libc would do for it is in a few lines below. */
#include <stdbool.h>
#include <stddef.h>

#if defined(__x86_64__) || defined(__aarch64__)
#define FREESTANDING 1
#else
#define FREESTANDING 0
#endif

#define EXIT_ABSENT 128 /* git's own code for "fatal: ..." */
#define AT_CURRENT_DIRECTORY (-100)

#if FREESTANDING
#ifdef __x86_64__
enum { CALL_READ = 0, CALL_WRITE = 1, CALL_EXIT = 231, CALL_OPENAT = 257 };

static long call(long number, long a, long b, long c, long d)
{
    long result;
    register long fourth __asm__("r10") = d;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
                     : "rcx", "r11", "memory");
    return result;
}

/* The stack holds argc, argv, NULL, environment, NULL. */
__asm__(".text\n.globl _start\n_start:\n"
        "xor %ebp, %ebp\nmov %rsp, %rdi\nand $-16, %rsp\ncall git_stub_main\nhlt\n");
#else
enum { CALL_READ = 63, CALL_WRITE = 64, CALL_EXIT = 94, CALL_OPENAT = 56 };

static long call(long number, long a, long b, long c, long d)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
    return x0;
}

__asm__(".text\n.globl _start\n_start:\n"
        "mov x29, #0\nmov x0, sp\nbl git_stub_main\nbrk #0\n");
#endif

static long read_some(int fd, char *to, size_t room)
{
    return call(CALL_READ, fd, (long)to, (long)room, 0);
}

static long write_some(int fd, const char *from, size_t len)
{
    return call(CALL_WRITE, fd, (long)from, (long)len, 0);
}

static int open_to_read(const char *path)
{
    return (int)call(CALL_OPENAT, AT_CURRENT_DIRECTORY, (long)path, 0, 0);
}

_Noreturn static void leave(int status)
{
    for (;;) {
        call(CALL_EXIT, status, 0, 0, 0);
    }
}
#else
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#define read_some(fd, to, room) read((fd), (to), (room))
#define write_some(fd, from, len) write((fd), (from), (len))
#define open_to_read(path) open((path), O_RDONLY)
#define leave(status) _exit(status)
#endif

static size_t length(const char *text)
{
    size_t len = 0;
    while (text[len] != '\0') {
        len++;
    }
    return len;
}

static bool equal(const char *a, const char *b)
{
    size_t i = 0;
    while (a[i] != '\0' && a[i] == b[i]) {
        i++;
    }
    return a[i] == b[i];
}

/* What is behind PREFIX in TEXT, NULL if TEXT does not begin with it. */
static const char *behind(const char *text, const char *prefix)
{
    size_t i = 0;
    while (prefix[i] != '\0') {
        if (text[i] != prefix[i]) {
            return NULL;
        }
        i++;
    }
    return text + i;
}

static void write_bytes(int fd, const char *from, size_t len)
{
    while (len > 0) {
        long written = write_some(fd, from, len);
        if (written <= 0) {
            leave(1);
        }
        from += written;
        len -= (size_t)written;
    }
}

static void say(const char *text)
{
    write_bytes(1, text, length(text));
}

static void complain(const char *text)
{
    write_bytes(2, text, length(text));
}

struct answers {
    const char *root, *revision, *time, *tag, *base;
    bool modified, devel, no_go_mod;
};

static char content[16384];

static void take_line(struct answers *answers, char *line)
{
    static const char yes[] = "1";
    const char *value;
    if ((value = behind(line, "root ")) != NULL) {
        answers->root = value;
    } else if ((value = behind(line, "revision ")) != NULL) {
        answers->revision = value;
    } else if ((value = behind(line, "time ")) != NULL) {
        answers->time = value;
    } else if ((value = behind(line, "tag ")) != NULL) {
        answers->tag = value;
    } else if ((value = behind(line, "base ")) != NULL) {
        answers->base = value;
    } else if ((value = behind(line, "modified ")) != NULL) {
        answers->modified = equal(value, yes);
    } else if ((value = behind(line, "devel ")) != NULL) {
        answers->devel = equal(value, yes);
    } else if ((value = behind(line, "no-go-mod ")) != NULL) {
        answers->no_go_mod = equal(value, yes);
    }
}

static void read_answers(struct answers *answers, const char *path)
{
    int fd = path == NULL ? -1 : open_to_read(path);
    size_t len = 0;
    while (fd >= 0 && len < sizeof(content) - 1) {
        long got = read_some(fd, content + len, sizeof(content) - 1 - len);
        if (got <= 0) {
            break;
        }
        len += (size_t)got;
    }
    if (fd < 0 || len == sizeof(content) - 1) {
        complain("git stub: no answers to be read\n");
        leave(1);
    }
    size_t start = 0;
    for (size_t i = 0; i < len; i++) {
        if (content[i] == '\n') {
            content[i] = '\0';
            take_line(answers, content + start);
            start = i + 1;
        }
    }
}

/* The commit by its digits, at least twelve of them, or by the name of its tag. */
static bool names_commit(const struct answers *answers, const char *name, size_t len)
{
    const char *tag = behind(name, "refs/tags/");
    if (tag != NULL) {
        size_t tag_len = length(answers->tag);
        return tag_len > 0 && behind(tag, answers->tag) == tag + tag_len &&
               (size_t)(tag - name) + tag_len == len;
    }
    for (size_t i = 0; i < len; i++) {
        if (name[i] != answers->revision[i] || name[i] == '\0') {
            return false;
        }
    }
    return len >= 12;
}

static int answer_log(const struct answers *answers, const char *name)
{
    if (answers->devel || !names_commit(answers, name, length(name))) {
        return EXIT_ABSENT;
    }
    say(answers->revision);
    say(" ");
    say(answers->time);
    say(" HEAD -> main");
    if (answers->tag[0] != '\0') {
        say(", tag: ");
        say(answers->tag);
    }
    return 0;
}

/* A path within the tree: no part of it leads out. */
static bool is_inside(const char *path)
{
    bool begins = true;
    for (size_t i = 0; path[i] != '\0'; i++) {
        if (begins && (path[i] == '/' || (path[i] == '.' && path[i + 1] == '.'))) {
            return false;
        }
        begins = path[i] == '/';
    }
    return path[0] != '\0';
}

static int answer_file(const struct answers *answers, const char *name)
{
    static char path[8192], block[16384];
    size_t colon = 0, used = 0;
    while (name[colon] != '\0' && name[colon] != ':') {
        colon++;
    }
    if (name[colon] == '\0' || !names_commit(answers, name, colon)) {
        return EXIT_ABSENT;
    }
    const char *file = name + colon + 1;
    if (!is_inside(file) || (answers->no_go_mod && equal(file, "go.mod")) ||
        length(answers->root) + length(file) + 2 > sizeof(path)) {
        return EXIT_ABSENT;
    }
    const char *const parts[] = {answers->root, "/", file};
    for (size_t part = 0; part < 3; part++) {
        for (size_t i = 0; parts[part][i] != '\0'; i++) {
            path[used++] = parts[part][i];
        }
    }
    path[used] = '\0';
    int fd = open_to_read(path);
    if (fd < 0) {
        return EXIT_ABSENT;
    }
    for (;;) {
        long got = read_some(fd, block, sizeof(block));
        if (got <= 0) {
            return got == 0 ? 0 : EXIT_ABSENT;
        }
        write_bytes(1, block, (size_t)got);
    }
}

static void answer_line(const char *prefix, const char *value)
{
    if (value[0] != '\0') {
        say(prefix);
        say(value);
        say("\n");
    }
}

/* True if the arguments are exactly WORDS; "*" stands for any one, which goes to RET_ANY. Arguments
 * "--end-of-options" (Go 1.25 and later) are passed over. */
static bool asked(char **arguments, const char *const *words, const char **ret_any)
{
    for (; *arguments != NULL; arguments++) {
        if (equal(*arguments, "--end-of-options")) {
            continue;
        }
        if (*words == NULL) {
            return false;
        }
        const char *any = behind(*arguments, "--merged=");
        if (equal(*words, "*")) {
            *ret_any = *arguments;
        } else if (equal(*words, "--merged=*") && any != NULL) {
            *ret_any = any;
        } else if (!equal(*words, *arguments)) {
            return false;
        }
        words++;
    }
    return *words == NULL;
}

#define ASKED(...) asked(arguments, (const char *const[]){__VA_ARGS__, NULL}, &any)
#define QUIET "-c", "log.showsignature=false"

static int answer(const struct answers *answers, char **arguments)
{
    const char *any = "";
    if (ASKED("status", "--porcelain")) {
        say(answers->modified ? " M x\n" : "");
        return 0;
    }
    if (ASKED(QUIET, "show", "-s", "--format=%H:%ct") ||
        ASKED(QUIET, "log", "-1", "--format=%H:%ct")) {
        say(answers->revision);
        answer_line(":", answers->time);
        return 0;
    }
    if (ASKED("config", "extensions.objectformat")) {
        bool sha256 = length(answers->revision) == 64;
        say(sha256 ? "sha256\n" : "");
        return sha256 ? 0 : 1;
    }
    if (ASKED(QUIET, "log", "--no-decorate", "-n1", "--format=format:%H %ct %D", "*", "--")) {
        return answer_log(answers, any);
    }
    if (ASKED("tag", "-l")) {
        answer_line("", answers->tag);
        return 0;
    }
    if (ASKED("for-each-ref", "--format", "%(refname)", "refs/tags", "--merged", "*") ||
        ASKED("for-each-ref", "--format=%(refname)", "--merged=*")) {
        answer_line("refs/tags/", answers->base);
        return 0;
    }
    if (ASKED("cat-file", "blob", "*")) {
        return answer_file(answers, any);
    }
    complain("git stub: a question that is not known: git");
    for (; *arguments != NULL; arguments++) {
        complain(" ");
        complain(*arguments);
    }
    complain("\n");
    return 1;
}

static int run(int count, char **arguments, char **environment)
{
    struct answers answers = {.root = "", .revision = "", .time = "", .tag = "", .base = ""};
    const char *path = NULL;
    for (; *environment != NULL; environment++) {
        const char *value = behind(*environment, "REPROOF_ANSWERS=");
        path = value != NULL ? value : path;
    }
    read_answers(&answers, path);
    return answer(&answers, count > 0 ? arguments + 1 : arguments);
}

#if FREESTANDING
/* Called by _start alone. */
_Noreturn void git_stub_main(long *stack);

_Noreturn void git_stub_main(long *stack)
{
    char **arguments = (char **)(stack + 1);
    leave(run((int)stack[0], arguments, arguments + stack[0] + 1));
}
#else
int main(int count, char **arguments, char **environment)
{
    return run(count, arguments, environment);
}
#endif
