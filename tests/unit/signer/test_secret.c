// SPDX-License-Identifier: Apache-2.0
/* Where secrets are and are not: files that others may read, and memory that was given back. */
#include "tests/unit/signer/signer_fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "signer/key_load.h"

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    scratch_make(folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

static const char *path_of(const char *name, char ret[128])
{
    snprintf(ret, 128, "%s/%s", folder, name);
    return ret;
}

/* Writes KEY's file NAME with MODE; its text is wiped here. */
static void put_key(const struct signing_key *key, const struct key_format *format,
                    const char *name, mode_t mode)
{
    char path[128];
    AUTO(secret) struct secret *text = secret_new(8192);
    struct buffer out = secret_buffer(text);
    assert_true(format->write_secret(key, (struct bytes){0}, &out, NULL));
    assert_true(secret_end(text, &out));
    unlink(path_of(name, path));
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_true(file_write_all(fd, secret_view(text), NULL));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static bool loads(const char *place, struct error *err)
{
    AUTO(signing_key) struct signing_key *key = NULL;
    return signing_key_load(place, NULL, &key, err);
}

static void a_key_file_is_its_owners_alone(void **state)
{
    (void)state;
    AUTO(signing_key) struct signing_key *key = fixture_key(5);
    char path[128];
    char link[128];
    struct error err;
    static const mode_t open_modes[] = {0644, 0640, 0604, 0620, 0610, 0777};
    for (size_t i = 0; i < ARRAY_LEN(open_modes); i++) {
        put_key(key, &key_format_pem, "k", open_modes[i]);
        assert_fails(loads(path_of("k", path), &err), &err, ERROR_USAGE, "others may read");
    }
    put_key(key, &key_format_pem, "k", 0600);
    assert_true(loads(path, &err));
    assert_int_equal(symlink("k", path_of("link", link)), 0);
    assert_fails(loads(link, &err), &err, ERROR_USAGE, "symbolic link");
    assert_fails(loads(folder, &err), &err, ERROR_USAGE, "not a regular file");
    assert_int_equal(mkfifo(path_of("fifo", link), 0600), 0);
    assert_fails(loads(link, &err), &err, ERROR_USAGE, "not a regular file");
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 12345, 12345), 0);
        assert_fails(loads(path, &err), &err, ERROR_USAGE, "belongs to user 12345");
    }
}

static void a_key_comes_from_the_environment_or_a_descriptor(void **state)
{
    (void)state;
    AUTO(signing_key) struct signing_key *key = fixture_key(6);
    AUTO(secret) struct secret *text = secret_new(8192);
    struct error err;
    char place[32];
    int ends[2];
    struct buffer out = secret_buffer(text);
    assert_true(key_format_pem.write_secret(key, (struct bytes){0}, &out, NULL));
    assert_true(secret_end(text, &out));
    assert_int_equal(setenv("REPROOF_TEST_KEY", (const char *)text->data, 1), 0);
    assert_true(loads("env:REPROOF_TEST_KEY", &err));
    unsetenv("REPROOF_TEST_KEY");
    assert_fails(loads("env:REPROOF_TEST_KEY", &err), &err, ERROR_ABSENT, "not set");
    assert_int_equal(pipe(ends), 0);
    assert_true(file_write_all(ends[1], secret_view(text), NULL));
    close(ends[1]);
    snprintf(place, sizeof(place), "fd:%d", ends[0]);
    assert_true(loads(place, &err));
    close(ends[0]);
    assert_fails(loads(place, &err), &err, ERROR_IO, place);
    assert_fails(loads("fd:x", &err), &err, ERROR_USAGE, "descriptor");
}

/* How often MASKED stands in LEN bytes at PIECE once these are complemented; which they are, so
 * that the search leaves no copies itself. */
static unsigned count_in_piece(uint8_t *piece, size_t len, const uint8_t masked[KEY_SEED_LEN])
{
    unsigned count = 0;
    for (size_t i = 0; i < len; i++) {
        piece[i] = (uint8_t)~piece[i];
    }
    for (size_t i = 0; i + KEY_SEED_LEN <= len; i++) {
        count += memcmp(piece + i, masked, KEY_SEED_LEN) == 0 ? 1 : 0;
    }
    return count;
}

/* How often the 32 bytes whose complement is MASKED stand in what of this process can be read. */
static unsigned count_in_memory(const uint8_t masked[KEY_SEED_LEN])
{
    static uint8_t piece[65536 + KEY_SEED_LEN];
    FILE *maps = fopen("/proc/self/maps", "r");
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    char line[512];
    unsigned count = 0;
    assert_non_null(maps);
    assert_true(memory >= 0);
    while (fgets(line, sizeof(line), maps) != NULL) {
        unsigned long start;
        unsigned long end;
        char mode[8];
        /* The shadow of a sanitizer is terabytes of nothing. */
        if (sscanf(line, "%lx-%lx %7s", &start, &end, mode) != 3 || mode[0] != 'r' ||
            end - start > 1UL << 28) {
            continue;
        }
        for (unsigned long at = start; at < end; at += 65536) {
            size_t wanted = end - at < sizeof(piece) ? end - at : sizeof(piece);
            ssize_t got = pread(memory, piece, wanted, (off_t)at);
            count += got > 0 ? count_in_piece(piece, (size_t)got, masked) : 0;
        }
    }
    fclose(maps);
    close(memory);
    return count;
}

static void no_copy_of_a_seed_stays_in_memory(void **state)
{
    (void)state;
    uint8_t masked[KEY_SEED_LEN];
    char path[128];
    for (size_t i = 0; i < key_format_count; i++) {
        struct error err;
        if (key_formats[i] == &key_format_cosign) {
            continue; /* never in clear */
        }
        struct signing_key *key = signing_key_new();
        struct bytes seed = signing_key_seed(key);
        for (size_t j = 0; j < sizeof(masked); j++) {
            masked[j] = (uint8_t)~seed.data[j];
        }
        put_key(key, key_formats[i], "k", 0600);
        assert_true(count_in_memory(masked) > 0); /* so the search can find it */
        signing_key_free(&key);
        assert_true(loads(path_of("k", path), &err));
        assert_int_equal(count_in_memory(masked), 0);
    }
}

static void dumps_can_be_forbidden(void **state)
{
    (void)state;
    int was = prctl(PR_GET_DUMPABLE);
    assert_true(secret_forbid_dumps(NULL));
    assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
    prctl(PR_SET_DUMPABLE, was);
}

#define RACED_LEN (1U << 20)

struct race {
    int fd;
    atomic_bool stop;
};

/* Changes one byte of the file to and fro, as fast as it can. */
static void *write_on(void *context)
{
    struct race *race = context;
    for (uint8_t value = 0; !atomic_load(&race->stop); value ^= 1) {
        if (pwrite(race->fd, &value, 1, RACED_LEN - 1) != 1) {
            break;
        }
    }
    return NULL;
}

/* Ed25519 is deterministic: of each content there is exactly one signature. Any other one that
 * comes out was made over two contents, and tells the key. */
static void a_file_that_changes_is_signed_as_one_or_the_other(void **state)
{
    (void)state;
    struct arena arena = {0};
    AUTO(signing_key) struct signing_key *key = fixture_key(7);
    char path[128];
    uint8_t *content = arena_alloc(&arena, RACED_LEN);
    uint8_t expected[2][64];
    struct race race = {.fd = open(path_of("raced", path), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    pthread_t writer;
    assert_true(race.fd >= 0);
    for (size_t i = 0; i < 2; i++) {
        content[RACED_LEN - 1] = (uint8_t)i;
        assert_true(signing_key_sign(key, bytes_from(content, RACED_LEN), expected[i], NULL));
    }
    assert_true(file_write_all(race.fd, bytes_from(content, RACED_LEN), NULL));
    assert_int_equal(pthread_create(&writer, NULL, write_on, &race), 0);
    for (int i = 0; i < 200; i++) {
        struct arena scratch = {0};
        struct source source;
        struct message message;
        assert_true(source_from_fd(race.fd, &source, NULL));
        assert_true(message_read(&source, MESSAGE_CONTENT, -1, &scratch, &message, NULL));
        struct signing signing = {.key = key, .message = &message};
        assert_true(signing_pure(&signing, NULL));
        assert_true(memcmp(signing.pure, expected[0], 64) == 0 ||
                    memcmp(signing.pure, expected[1], 64) == 0);
        arena_free(&scratch);
    }
    atomic_store(&race.stop, true);
    pthread_join(writer, NULL);
    close(race.fd);
    arena_free(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_key_file_is_its_owners_alone),
    cmocka_unit_test(a_key_comes_from_the_environment_or_a_descriptor),
    cmocka_unit_test(no_copy_of_a_seed_stays_in_memory),
    cmocka_unit_test(dumps_can_be_forbidden),
    cmocka_unit_test(a_file_that_changes_is_signed_as_one_or_the_other),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
