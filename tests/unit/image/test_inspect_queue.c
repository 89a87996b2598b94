// SPDX-License-Identifier: Apache-2.0
/* Many files in several processes: each told once and in order, whatever becomes of the others. */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/digest.h"
#include "tests/unit/unit.h"
#include "verifier/inspect_worker.h"

#define MOST 200

static char folder[64];
static struct inspector *inspector;
static struct inspect_queue *queue;
static struct buffer told;
static struct error err;
static size_t stop_after;

static int make(void **state)
{
    (void)state;
    scratch_make(folder);
    buffer_init(&told, 65536);
    stop_after = SIZE_MAX;
    return 0;
}

static int drop(void **state)
{
    (void)state;
    inspect_queue_free(&queue);
    inspector_free(&inspector);
    buffer_free(&told);
    scratch_remove(folder);
    return 0;
}

/* What a file is to do stands in its ninth byte. */
static void obey(int fd, unsigned what, struct arena *memory, struct inspect_record *record)
{
    char order = 0;
    (void)what, (void)memory;
    (void)!pread(fd, &order, 1, 8);
    switch (order) {
    case 'k': /* dies */
        raise(SIGKILL);
        _exit(3);
    case 'h': /* hangs */
        for (;;) {
            sleep(1);
        }
    case 'l': /* lies */
        (void)!write(3, "\4\0\0\0\1\2\3\4", 8);
        break;
    case 's': /* takes its time */
        usleep(3000);
        break;
    case 'd': { /* hashes */
        struct sha256 sum = sha256_of(BYTES("a"));
        order = sum.bytes[0] == 0xca ? 'd' : '?';
        break;
    }
    default:
        break;
    }
    error_set(&record->error, ERROR_ABSENT, "%c", order);
}

static bool tell(void *context, const char *name, const struct inspection *files, size_t count,
                 const struct error *why, struct error *ret)
{
    assert_ptr_equal(context, folder);
    assert_null(files);
    assert_int_equal(count, 0);
    bool damaged = why->code != ERROR_ABSENT;
    buffer_printf(&told, "%s%s ", name, damaged ? "!" : why->message);
    return stop_after-- > 0 || error_set(ret, ERROR_INTERRUPTED, "enough");
}

static int open_file(const char *name, const char *magic, char order)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, magic, 8), 8);
    assert_int_equal(write(fd, &order, 1), 1);
    return fd;
}

/* A second is enough where a file hangs; where none does, the machine may be busy. */
static void begin(unsigned processes, bool hangs)
{
    assert_true(inspector_open_with(obey, 0, hangs ? 1 : 60, &inspector, &err));
    queue = inspect_queue_new(inspector, processes, tell, folder);
}

/* Files with ORDERS, named by their numbers: what the queue tells of them. */
static void expect(const char *orders, unsigned processes, const char *wanted)
{
    begin(processes, strchr(orders, 'h') != NULL);
    for (size_t i = 0; orders[i] != '\0'; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%zu", i);
        const char *magic = orders[i] == 'd'   ? "\xcf\xfa\xed\xfe\0\0\0\0"
                            : orders[i] == '-' ? "#!/bin/sh"
                                               : "\x7f"
                                                 "ELF\2\1\1\0";
        assert_true(inspect_queue_add(queue, open_file(name, magic, orders[i]), name, &err));
    }
    assert_true(inspect_queue_finish(queue, &err));
    assert_string_equal(buffer_cstring(&told), wanted);
}

static void many_are_told_in_order(void **state)
{
    (void)state;
    char orders[MOST + 1] = {0};
    struct buffer wanted;
    buffer_init(&wanted, 65536);
    for (int i = 0; i < MOST; i++) {
        orders[i] = i % 7 == 0 ? 's' : 'a';
        buffer_printf(&wanted, "%d%c ", i, orders[i]);
    }
    for (unsigned processes = 1; processes < 12; processes += 5) {
        expect(orders, processes, buffer_cstring(&wanted));
        buffer_clear(&told);
        inspect_queue_free(&queue);
        inspector_free(&inspector);
    }
    buffer_free(&wanted);
}

static void the_first_hash_is_waited_for(void **state)
{
    (void)state;
    expect("sssda", 2, "0s 1s 2s 3d 4a ");
}

static void what_is_no_executable_is_passed_over(void **state)
{
    (void)state;
    expect("-a--b-", 2, "1a 4b ");
}

static void nothing_is_nothing(void **state)
{
    (void)state;
    expect("", 2, "");
}

static void a_crash_costs_its_file_alone(void **state)
{
    (void)state;
    struct buffer wanted;
    char orders[MOST + 1] = {0};
    buffer_init(&wanted, 65536);
    for (int i = 0; i < MOST; i++) {
        bool bad = i == 0 || i == 20 || i == 21 || i == 40 || i == 130 || i == MOST - 1;
        orders[i] = !bad ? 'a' : i % 2 == 0 ? 'k' : 'l';
        buffer_printf(&wanted, "%d%s ", i, bad ? "!" : "a");
    }
    expect(orders, 2, buffer_cstring(&wanted));
    buffer_free(&wanted);
}

static void a_hang_costs_its_file_alone(void **state)
{
    (void)state;
    expect("aha", 1, "0a 1! 2a ");
}

static void stops_when_it_is_told_to(void **state)
{
    (void)state;
    begin(2, false);
    stop_after = 1;
    for (int i = 0; i < 3; i++) {
        int fd = open_file("x",
                           "\x7f"
                           "ELF\2\1\1\0",
                           'a');
        assert_true(inspect_queue_add(queue, fd, "x", &err));
    }
    assert_fails(inspect_queue_finish(queue, &err), &err, ERROR_INTERRUPTED, "enough");
    assert_string_equal(buffer_cstring(&told), "xa xa ");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

static const struct CMUnitTest tests[] = {
    CASE(the_first_hash_is_waited_for), /* first: before this process has libcrypto */
    CASE(many_are_told_in_order),       CASE(what_is_no_executable_is_passed_over),
    CASE(nothing_is_nothing),           CASE(a_crash_costs_its_file_alone),
    CASE(a_hang_costs_its_file_alone),  CASE(stops_when_it_is_told_to),
};

UNIT_MAIN(tests)
