// SPDX-License-Identifier: Apache-2.0
/* The confined process: what it cannot do, and what its death, silence or lies come to. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "tests/unit/image/go_maker.h"
#include "tests/unit/unit.h"
#include "verifier/inspect_worker.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define ID                                                                                         \
    "aaaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbb/"                                                   \
    "cccccccccccccccccccc/dddddddddddddddddddd"

static char folder[64];
static struct arena arena;
static struct inspector *inspector;
static struct inspection *files;
static size_t count;
static struct error err;

static int make(void **state)
{
    (void)state;
    scratch_make(folder);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    inspector_free(&inspector);
    arena_free(&arena);
    scratch_remove(folder);
    return 0;
}

/* A file NAME in the scratch folder with CONTENT, opened to read. */
static int make_file(const char *name, struct bytes content)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content.data, content.len), (ssize_t)content.len);
    return fd;
}

static int make_program(const char *name)
{
    struct buffer marked;
    buffer_init(&marked, 4096);
    made_marked(&marked, BYTES("path\texample.com/a\n"));
    const struct made_program program = {
        .version = "go1.23.5", .modules = buffer_view(&marked), .build_id = ID};
    struct made made = made_go_elf(&program);
    made_seal(&made, ID, false);
    int fd = make_file(name, bytes_from(made.data, made.len));
    made_free(&made);
    buffer_free(&marked);
    return fd;
}

static bool runs(int fd, const char *name)
{
    return inspector_run(inspector, fd, name, &arena, &files, &count, &err);
}

static void expect_good(void)
{
    int fd = make_program("good");
    assert_true(runs(fd, "good"));
    assert_int_equal(count, 1);
    assert_string_equal(files[0].name, "good");
    assert_string_equal(files[0].info.path, "example.com/a");
    assert_int_equal(files[0].traits.linker_hash, LINKER_HASH_MATCH);
    close(fd);
}

static void inspects_many_files(void **state)
{
    (void)state;
    assert_true(inspector_open(true, &inspector, &err));
    for (int i = 0; i < 200; i++) {
        expect_good();
    }
}

static void without_a_digest_nothing_is_said_of_it(void **state)
{
    (void)state;
    assert_true(inspector_open(false, &inspector, &err));
    int fd = make_program("a");
    assert_true(runs(fd, "a"));
    assert_false(files[0].has_digest);
    assert_int_equal(files[0].traits.linker_hash, LINKER_HASH_NONE);
    close(fd);
}

/* As reading a Mach-O file's signature does, whether or not the file's own digest is wanted. */
static void hash(int fd, unsigned what, struct arena *scratch, struct inspect_record *record)
{
    (void)fd;
    (void)what;
    (void)scratch;
    struct sha256 sum = sha256_of(BYTES("a"));
    error_set(&record->error, ERROR_ABSENT, "ca9781: %x%x%x", sum.bytes[0], sum.bytes[1],
              sum.bytes[2]);
}

static void signatures_are_hashed_without_a_digest_too(void **state)
{
    (void)state;
    assert_true(inspector_open_with(hash, 0, 5, &inspector, &err));
    int other = make_file("other", BYTES("\x7f"
                                         "ELF\2\1\1\0"));
    int fd = make_file("macho", BYTES("\xcf\xfa\xed\xfe\0\0\0\0"));
    assert_fails(runs(other, "other"), &err, ERROR_FORMAT, "died of signal");
    assert_fails(runs(fd, "macho"), &err, ERROR_ABSENT, "ca9781: ca9781");
    close(other);
    close(fd);
}

static void headers_of_both_byte_orders_are_read_without_a_digest_too(void **state)
{
    (void)state;
    static const enum byte_order orders[] = {LITTLE_ENDIAN_ORDER, BIG_ENDIAN_ORDER,
                                             LITTLE_ENDIAN_ORDER};
    assert_true(inspector_open(0, &inspector, &err));
    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        struct made made = made_elf(orders[i], i == 2 ? 4 : 8, BYTES("content"));
        int fd = make_file("elf", bytes_from(made.data, made.len));
        assert_fails(runs(fd, "elf"), &err, ERROR_UNSUPPORTED, "not a Go binary");
        close(fd);
        made_free(&made);
    }
}

static void one_more_than_the_last_is_answered_too(void **state)
{
    (void)state;
    assert_true(inspector_open(INSPECT_DIGEST, &inspector, &err));
    expect_good();
    inspector_last(inspector);
    expect_good();
    expect_good();
}

static void an_error_is_of_that_file_alone(void **state)
{
    (void)state;
    assert_true(inspector_open(true, &inspector, &err));
    int text = make_file("text", BYTES("#!/bin/sh\n"));
    int damaged = make_file("damaged", BYTES("\x7f"
                                             "ELF\2\1\1 and then nothing"));
    assert_fails(runs(text, "text"), &err, ERROR_UNSUPPORTED, "");
    assert_fails(runs(damaged, "damaged"), &err, ERROR_FORMAT, "malformed elf file");
    expect_good();
    close(text);
    close(damaged);
}

static void each_slice_of_a_fat_file_has_a_name(void **state)
{
    (void)state;
    struct buffer content, marked;
    buffer_init(&content, 65536);
    buffer_init(&marked, 65536);
    made_marked(&marked, BYTES("path\texample.com/a\n"));
    made_inline(&content, "go1.23.5", buffer_view(&marked));
    struct made made = made_fat(false, buffer_view(&content));
    assert_true(inspector_open(true, &inspector, &err));
    int fd = make_file("fat", bytes_from(made.data, made.len));
    assert_true(runs(fd, "dir/fat"));
    assert_int_equal(count, 2);
    assert_string_equal(files[0].name, "dir/fat (amd64)");
    assert_string_equal(files[1].name, "dir/fat (arm64)");
    assert_int_equal(files[0].slice_offset, 0x1000);
    assert_true(files[1].slice_offset > files[0].slice_offset);
    assert_true(files[0].size < made.len);
    close(fd);
    made_free(&made);
    buffer_free(&content);
    buffer_free(&marked);
}

static void what_is_no_regular_file_is_refused(void **state)
{
    (void)state;
    char path[128];
    int ends[2];
    assert_true(inspector_open(true, &inspector, &err));
    snprintf(path, sizeof(path), "%s/fifo", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    int fifo = open(path, O_RDONLY | O_NONBLOCK);
    int device = open("/dev/zero", O_RDONLY);
    int directory = open(folder, O_RDONLY);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    const int all[] = {fifo, device, directory, ends[0], ends[1]};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        assert_true(all[i] >= 0);
        assert_fails(runs(all[i], "x"), &err, ERROR_USAGE, "not a regular file");
        close(all[i]);
    }
    expect_good();
}

static void crash(int fd, unsigned what, struct arena *memory, struct inspect_record *record)
{
    (void)fd, (void)what, (void)memory, (void)record;
    raise(SIGKILL);
    _exit(3); /* where the filter forbids the signal */
}

static void hang(int fd, unsigned what, struct arena *memory, struct inspect_record *record)
{
    (void)fd, (void)what, (void)memory, (void)record;
    for (;;) {
        sleep(1);
    }
}

/* Answers by hand, past the encoder, to the socket that it was given. */
static void answer_damaged(int fd, unsigned what, struct arena *memory,
                           struct inspect_record *record)
{
    (void)fd, (void)what, (void)memory, (void)record;
    (void)!write(3, "\x9\0\0\0\5\0\0\0\1\xff\xff\xff\xff", 13);
}

static void answer_endlessly(int fd, unsigned what, struct arena *memory,
                             struct inspect_record *record)
{
    (void)fd, (void)what, (void)memory, (void)record;
    (void)!write(3, "\xff\xff\xff\xff", 4);
    for (;;) {
        if (write(3, "xxxxxxxxxxxxxxxx", 16) < 0) {
            _exit(0);
        }
    }
}

static void answer_half(int fd, unsigned what, struct arena *memory, struct inspect_record *record)
{
    (void)fd, (void)what, (void)memory, (void)record;
    (void)!write(3, "\5\0\0\0\1", 5);
    _exit(0);
}

/* The error of the first run, twice: the process is there again for the next file. */
static void expect_failure(inspect_work *work, enum error_code code, const char *part)
{
    assert_true(inspector_open_with(work, false, 1, &inspector, &err));
    int fd = make_program("a");
    for (int i = 0; i < 2; i++) {
        assert_fails(runs(fd, "a"), &err, code, part);
    }
    close(fd);
    inspector_free(&inspector);
}

static void a_crash_is_an_error_of_the_file(void **state)
{
    (void)state;
    expect_failure(crash, ERROR_FORMAT, "the parser process");
}

static void a_hang_ends_at_the_time_limit(void **state)
{
    (void)state;
    expect_failure(hang, ERROR_TIMEOUT, "too long");
}

static void lies_are_refused(void **state)
{
    (void)state;
    expect_failure(answer_damaged, ERROR_FORMAT, "damaged");
    expect_failure(answer_endlessly, ERROR_LIMIT, "too long an answer");
    expect_failure(answer_half, ERROR_FORMAT, "gave up");
}

static void report(struct inspect_record *record, bool good)
{
    error_set(&record->error, good ? ERROR_MISMATCH : ERROR_INTERNAL, "%s", good ? "yes" : "no");
}

static void try_everything(int fd, unsigned what, struct arena *memory,
                           struct inspect_record *record)
{
    (void)what, (void)memory;
    char byte;
    bool read_it = pread(fd, &byte, 1, 0) == 1;
    bool opens = open("/etc/passwd", O_RDONLY) >= 0 || open("/dev/null", O_RDWR) >= 0;
    bool connects = socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
    bool signals = kill(getppid(), 0) == 0;
    bool others = false;
    for (int other = 4; other < 64; other++) {
        others = others || (other != fd && fcntl(other, F_GETFD) >= 0);
    }
    report(record, read_it && !opens && !connects && !signals && !others);
}

static void it_can_reach_nothing_but_the_file(void **state)
{
    (void)state;
    int stray = open("/etc/passwd", O_RDONLY);
    assert_true(inspector_open_with(try_everything, false, 5, &inspector, &err));
    int fd = make_program("a");
    assert_fails(runs(fd, "a"), &err, ERROR_MISMATCH, "yes");
    close(fd);
    close(stray);
}

static void eat_memory(int fd, unsigned what, struct arena *memory, struct inspect_record *record)
{
    (void)fd, (void)what;
    for (int i = 0; i < 64; i++) {
        memset(arena_alloc(memory, 64U << 20), 1, 64U << 20);
    }
    report(record, false);
}

static void memory_has_a_limit(void **state)
{
    (void)state;
    if (SANITIZED) {
        skip();
    }
    assert_true(inspector_open_with(eat_memory, false, 60, &inspector, &err));
    int fd = make_program("a");
    assert_fails(runs(fd, "a"), &err, ERROR_FORMAT, "the parser process died");
    close(fd);
}

static void a_file_that_shrinks_is_an_error(void **state)
{
    (void)state;
    assert_true(inspector_open(true, &inspector, &err));
    int fd = make_program("a");
    for (int round = 0; round < 200; round++) {
        pid_t pid = fork();
        if (pid == 0) {
            for (;;) {
                (void)!ftruncate(fd, 100);
                (void)!ftruncate(fd, 1 << 20);
            }
        }
        (void)!runs(fd, "a");
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    close(fd);
    expect_good();
}

/* Whatever the size of the file, memory stays small, and offsets of 64 bits are meant. */
static void sparse_files_take_no_memory(void **state)
{
    (void)state;
    static const off_t sizes[] = {(1LL << 31) - 1, (4LL << 30) + 1};
    struct rusage usage;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        /* The larger one is read to its end as well. */
        bool digest = i == 1 && !SANITIZED;
        assert_true(inspector_open(digest, &inspector, &err));
        int fd = make_program("sparse");
        if (ftruncate(fd, sizes[i]) != 0) {
            skip();
        }
        assert_true(runs(fd, "sparse"));
        assert_int_equal(files[0].size, sizes[i]);
        assert_int_equal(files[0].traits.linker_hash,
                         digest ? LINKER_HASH_MISMATCH : LINKER_HASH_NONE);
        close(fd);
        inspector_free(&inspector);
    }
    assert_int_equal(getrusage(RUSAGE_CHILDREN, &usage), 0);
    assert_true(SANITIZED || usage.ru_maxrss < 32 * 1024);
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    assert_true(SANITIZED || usage.ru_maxrss < 32 * 1024);
}

static void no_child_is_left(void **state)
{
    (void)state;
    assert_true(inspector_open(true, &inspector, &err));
    expect_good();
    inspector_free(&inspector);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

static const struct CMUnitTest tests[] = {
    CASE(signatures_are_hashed_without_a_digest_too), /* first: before this process has libcrypto */
    CASE(headers_of_both_byte_orders_are_read_without_a_digest_too), /* likewise, of libelf */
    CASE(inspects_many_files),
    CASE(one_more_than_the_last_is_answered_too),
    CASE(without_a_digest_nothing_is_said_of_it),
    CASE(an_error_is_of_that_file_alone),
    CASE(each_slice_of_a_fat_file_has_a_name),
    CASE(what_is_no_regular_file_is_refused),
    CASE(a_crash_is_an_error_of_the_file),
    CASE(a_hang_ends_at_the_time_limit),
    CASE(lies_are_refused),
    CASE(it_can_reach_nothing_but_the_file),
    CASE(a_file_that_shrinks_is_an_error),
    CASE(sparse_files_take_no_memory),
    CASE(memory_has_a_limit), /* last: its peak would count for the case above */
    CASE(no_child_is_left),
};

UNIT_MAIN(tests)
