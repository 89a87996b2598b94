// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/unit/fetch/fetch_fixture.h"
#include "verifier/fetch/dirhash.h"

/* One bit of the zip at several places: headers, data, directory. */
static void refuses_a_zip_that_is_not_the_recorded_one(void **state)
{
    struct fixture *f = *state;
    static const char *const places[] = {"flip:0",      "flip:40", "flip:150000",
                                         "flip:200300", "junk",    "truncate:1000"};
    for (size_t i = 0; i < 5; i++) {
        struct fetched_module module = {0};
        struct error err = {0};
        server_lie("*.zip", places[i]);
        assert_false(fetch_one(f, &module, &err));
        if (err.code != ERROR_UNTRUSTED || strstr(err.message, "/quarantine/") == NULL ||
            strncmp(err.message, "example.com/m0@v1.0.0: ", 23) != 0) {
            fail_telling("%s: %s", places[i], err.message);
        }
        assert_null(module.tree);
        assert_tidy(f);
        assert_int_equal(store_count(f, "trees"), 0);
        assert_int_equal(store_count(f, "objects"), 0);
        assert_int_equal(store_count(f, "quarantine"), 2 * (i + 1));
    }
    server_forget();
    fetch_or_fail(f);
}

static void refuses_the_zip_of_another_module(void **state)
{
    struct fixture *f = *state;
    struct fetched_module module;
    struct error err = {0};
    const char *victim = arena_printf(&f->arena, "%s/example.com/m0/@v/v1.0.0.zip", proxy_root);
    const char *kept = arena_printf(&f->arena, "%s.kept", victim);
    const char *other = arena_printf(&f->arena, "%s/example.com/m1/@v/v1.0.0.zip", proxy_root);
    assert_int_equal(rename(victim, kept), 0);
    assert_int_equal(symlink(other, victim), 0);
    assert_fails(fetch_one(f, &module, &err), &err, ERROR_UNTRUSTED, "does not begin with");
    assert_int_equal(rename(kept, victim), 0);
}

static void refuses_a_go_mod_that_is_not_the_recorded_one(void **state)
{
    struct fixture *f = *state;
    struct fetched_module module;
    struct error err = {0};
    server_lie("*.mod", "flip:3");
    assert_fails(fetch_one(f, &module, &err), &err, ERROR_UNTRUSTED, "go.mod file that came");
    assert_tidy(f);
    assert_fails(fetch_go_mods(f->fetcher, &ONE, 1, &f->arena, &module, &err), &err,
                 ERROR_UNTRUSTED, "go.mod file that came");
    server_forget();
    assert_true(fetch_go_mods(f->fetcher, &ONE, 1, &f->arena, &module, &err));
    assert_bytes(module.go_mod, BYTES("module example.com/m0\n"));
    assert_null(module.tree);
    assert_int_equal(server_requests(".zip"), 0);
}

/* The server breaks off again and again; the next run goes on where this one ended. */
static void continues_in_the_next_run(void **state)
{
    struct fixture *f = *state;
    struct fetched_module module;
    struct error err = {0};
    server_lie("*.zip", "break-always");
    assert_false(fetch_one(f, &module, &err));
    assert_int_equal(err.code, ERROR_NETWORK);
    assert_int_equal(store_count(f, "partial"), 2);
    server_forget();
    open_or_fail(f, false);
    fetch_or_fail(f);
    assert_int_equal(server_requests("if-range"), 1);
    assert_int_equal(server_requests("m0/@v/v1.0.0.zip"), 1);
    assert_tidy(f);
}

/* What lies there has the right ETag and other bytes: no tampering, but no good either. */
static void begins_anew_if_the_halves_do_not_fit(void **state)
{
    struct fixture *f = *state;
    struct fetched_module module;
    struct error err = {0};
    size_t count;
    server_lie("*.zip", "break-always");
    assert_false(fetch_one(f, &module, &err));
    server_forget();
    char **paths =
        support_list(arena_printf(&f->arena, "%s/partial", f->store), "", &f->arena, &count);
    int fd = open(paths[0], O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "XXXXX", 5, 5), 5);
    close(fd);
    assert_fails(fetch_one(f, &module, &err), &err, ERROR_NETWORK, "not one whole");
    assert_tidy(f);
    fetch_or_fail(f);
}

static void gets_again_what_was_changed_in_the_store(void **state)
{
    struct fixture *f = *state;
    for (size_t kind = 0; kind < 3; kind++) {
        struct fetched_module module = fetch_or_fail(f);
        struct error err = {0};
        char hex[SHA256_HEX_LEN + 1];
        struct sha256 mod;
        size_t before = store_count(f, "quarantine");
        sha256_hex(&module.zip, hex);
        const char *zip = arena_printf(&f->arena, "%s/objects/%s", f->store, hex);
        assert_true(dirhash_parse(module.go_mod_h1, &mod));
        sha256_hex(&mod, hex);
        const char *paths[] = {arena_printf(&f->arena, "%s/LICENSE", module.tree), zip,
                               arena_printf(&f->arena, "%s/mods/%s", f->store, hex)};
        spoil_file(paths[kind]);
        open_or_fail(f, true);
        assert_false(fetch_one(f, &module, &err));
        assert_int_equal(err.code, ERROR_UNTRUSTED);
        assert_true(store_count(f, "quarantine") > before);
        open_or_fail(f, false);
        fetch_or_fail(f);
        assert_tidy(f);
    }
}

static pid_t start_child(struct fixture *f)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct fetched_module module;
        struct error err = {0};
        bool ok = open_fetcher(f, false, &err) && fetch_one(f, &module, &err);
        if (!ok) {
            printf("# child: %s\n", err.message);
            fflush(stdout);
        }
        fetcher_free(&f->fetcher);
        _exit(ok ? 0 : 1);
    }
    assert_true(child > 0);
    return child;
}

static void downloads_once_for_eight_processes(void **state)
{
    struct fixture *f = *state;
    pid_t children[8];
    fetcher_free(&f->fetcher);
    for (size_t i = 0; i < ARRAY_LEN(children); i++) {
        children[i] = start_child(f);
    }
    for (size_t i = 0; i < ARRAY_LEN(children); i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(server_requests("m0/@v/v1.0.0.zip"), 1);
    assert_tidy(f);
}

/* However it ends, the next run works without repair. */
static void survives_being_killed_at_any_time(void **state)
{
    struct fixture *f = *state;
    size_t finished = 0;
    srandom(20261121);
    fetcher_free(&f->fetcher);
    for (int round = 0; round < 100; round++) {
        int status;
        pid_t child = start_child(f);
        usleep((useconds_t)(random() % 300000));
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        finished += WIFEXITED(status);
        assert_true(!WIFEXITED(status) || WEXITSTATUS(status) == 0);
        if (WIFEXITED(status) || round % 10 == 9) {
            open_or_fail(f, false);
            fetch_or_fail(f);
            fetcher_free(&f->fetcher);
            struct error err;
            int dir;
            assert_true(directory_open(f->path, &dir, &err) &&
                        directory_remove(dir, "store", &err));
            close(dir);
        }
    }
    printf("# %zu of 100 were done before they were killed\n", finished);
    open_or_fail(f, false);
    fetch_or_fail(f);
    assert_tidy(f);
}

static void leaves_nothing_behind_on_a_full_disk(void **state)
{
    struct fixture *f = *state;
    static const char *const sizes[] = {"64k", "180k", "300k", "500k", "700k"};
    /* A download that stopped in the middle is worth keeping, unless it is what fills the disk. */
    server_lie("*.zip", "halves");
    if (geteuid() != 0) {
        printf("# skip: mounting a small file system needs root\n");
        skip();
    }
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct fetched_module module;
        struct error err = {0};
        fetcher_free(&f->fetcher);
        f->store = arena_printf(&f->arena, "%s/full%zu", f->path, i);
        assert_int_equal(mkdir(f->store, 0700), 0);
        if (mount("none", f->store, "tmpfs", 0,
                  arena_printf(&f->arena, "size=%s,mode=0700", sizes[i])) != 0) {
            printf("# skip: no tmpfs can be mounted here: %s\n", strerror(errno));
            skip();
        }
        bool ok = open_fetcher(f, false, &err) && fetch_one(f, &module, &err);
        if (ok || err.code != ERROR_LIMIT || err.cure[0] == '\0') {
            printf("# %s: %s: %s\n", sizes[i], ok ? "it fits" : error_code_name(err.code),
                   err.message);
            assert_true(ok && i >= 3);
        }
        assert_tidy(f);
        fetcher_free(&f->fetcher);
        assert_int_equal(umount(f->store), 0);
    }
}

/* A proxy that nobody watches over: whatever it sends for an exempt module is refused or harmless.
 */
static void refuses_hostile_zips_of_exempt_modules(void **state)
{
    struct fixture *f = *state;
    struct module_id id = {.path = "example.com/m", .version = "v1.0.0"};
    size_t count, good = 0;
    const char *zips = arena_printf(&f->arena, "%s/zips", f->path);
    const char *folder = arena_printf(&f->arena, "%s/root/example.com/m/@v", f->path);
    int top, fd;
    struct error err = {0};
    assert_int_equal(mkdir(zips, 0700), 0);
    support_make_zips(zips);
    assert_true(directory_open(f->path, &top, &err));
    assert_true(directory_make(top, "root/example.com/m/@v", 0700, &fd, &err));
    assert_true(file_write_atomic(fd, "v1.0.0.mod", 0644, BYTES("module example.com/m\n"), &err));
    close(fd);
    close(top);
    setenv("GOPROXY", arena_printf(&f->arena, "file://%s/root", f->path), 1);
    setenv("GOSUMDB", "off", 1);
    char **paths = support_list(zips, ".zip", &f->arena, &count);
    for (size_t i = 0; i < count; i++) {
        struct fetched_module module;
        err = (struct error){0};
        f->store = arena_printf(&f->arena, "%s/store%zu", f->path, i);
        assert_int_equal(rename(paths[i], arena_printf(&f->arena, "%s/v1.0.0.zip", folder)), 0);
        open_or_fail(f, false);
        bool ok = fetch_modules(f->fetcher, &id, 1, &f->arena, &module, &err);
        bool want = strstr(paths[i], "/good-") != NULL;
        if (ok != want) {
            fail_telling("%s: %s", paths[i], ok ? "accepted" : err.message);
        }
        good += ok;
        assert_tidy(f);
        assert_int_equal(store_count(f, "trees"), ok ? 1 : 0);
        if (ok) {
            open_or_fail(f, true);
            assert_true(fetch_modules(f->fetcher, &id, 1, &f->arena, &module, &err));
        }
    }
    assert_true(good > 15);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

static const struct CMUnitTest tests[] = {
    CASE(refuses_a_zip_that_is_not_the_recorded_one),
    CASE(refuses_the_zip_of_another_module),
    CASE(refuses_a_go_mod_that_is_not_the_recorded_one),
    CASE(continues_in_the_next_run),
    CASE(begins_anew_if_the_halves_do_not_fit),
    CASE(gets_again_what_was_changed_in_the_store),
    CASE(downloads_once_for_eight_processes),
    CASE(survives_being_killed_at_any_time),
    CASE(leaves_nothing_behind_on_a_full_disk),
    CASE(refuses_hostile_zips_of_exempt_modules),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, fixture_group_set_up, fixture_group_tear_down);
}
