// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/unit/fetch/lying_server.h"
#include "tests/unit/fetch/support.h"
#include "verifier/fetch/dirhash.h"
#include "verifier/fetch/fetch.h"
#include "verifier/fetch/mirror.h"

#define MODULES 24
#define DATABASE "sum.test"

static const struct module_id ONE = {.path = "example.com/m0", .version = "v1.0.0"};

/* A proxy with a checksum database of its own, shared by all cases; each has a store of its own. */
static struct lying_server server;
static char proxy_root[64];

struct fixture {
    char path[64];
    const char *store, *state;
    struct fetcher *fetcher;
    struct arena arena;
};

static void use_settings(const char *nosumdb)
{
    struct arena arena = {0};
    char *key = lying_server_ask(&server, "/control/key");
    setenv("GOENV", "off", 1);
    setenv("GOPROXY", server.base, 1);
    setenv("GOSUMDB", key, 1);
    setenv("GONOSUMDB", nosumdb, 1);
    unsetenv("GOPRIVATE");
    unsetenv("GONOPROXY");
    free(key);
    arena_free(&arena);
}

static int group_set_up(void **state)
{
    (void)state;
    char root[64];
    const char *arguments[] = {"--root", proxy_root, "--database", DATABASE ":300", NULL};
    struct arena arena = {0};
    support_helpers();
    scratch_make(root);
    memcpy(proxy_root, root, sizeof(root));
    const char *argv[] = {
        "python3", support_source("make_zips.py", &arena), proxy_root, "--modules", "24", "200000",
        NULL};
    assert_int_equal(support_run(argv, NULL), 0);
    lying_server_start(arguments, &server);
    arena_free(&arena);
    return 0;
}

static int group_tear_down(void **state)
{
    (void)state;
    lying_server_stop(&server);
    scratch_remove(proxy_root);
    return 0;
}

static void forget(void)
{
    free(lying_server_ask(&server, "/control/reset"));
}

static bool open_fetcher(struct fixture *f, bool offline, struct error *err)
{
    struct fetch_settings settings = {
        .store = f->store, .state = f->state, .offline = offline, .jobs = 3};
    fetcher_free(&f->fetcher);
    return fetcher_open(&settings, &f->fetcher, err);
}

static void open_or_fail(struct fixture *f, bool offline)
{
    struct error err = {0};
    if (!open_fetcher(f, offline, &err)) {
        fail_telling("%s", err.message);
    }
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    scratch_make(f->path);
    f->store = arena_printf(&f->arena, "%s/store", f->path);
    f->state = arena_printf(&f->arena, "%s/state", f->path);
    use_settings("");
    forget();
    open_or_fail(f, false);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    fetcher_free(&f->fetcher);
    scratch_remove(f->path);
    arena_free(&f->arena);
    free(f);
    return 0;
}

static bool fetch_one(struct fixture *f, struct fetched_module *ret, struct error *err)
{
    return fetch_modules(f->fetcher, &ONE, 1, &f->arena, ret, err);
}

static struct fetched_module fetch_or_fail(struct fixture *f)
{
    struct fetched_module module = {0};
    struct error err = {0};
    if (!fetch_one(f, &module, &err)) {
        fail_telling("%s", err.message);
    }
    return module;
}

static size_t requests_for(const char *part)
{
    char *log = lying_server_ask(&server, "/control/log");
    size_t count = 0;
    for (const char *at = log; (at = strstr(at, part)) != NULL; at++) {
        count++;
    }
    free(log);
    return count;
}

static void lie(const char *path, const char *what)
{
    char request[256];
    snprintf(request, sizeof(request), "/control/rule?path=%s&lie=%s", path, what);
    free(lying_server_ask(&server, request));
}

static size_t count_in(struct fixture *f, const char *folder)
{
    size_t count;
    support_list(arena_printf(&f->arena, "%s/%s", f->store, folder), "", &f->arena, &count);
    return count;
}

/* Nothing half-made is left. */
static void assert_tidy(struct fixture *f)
{
    assert_int_equal(count_in(f, "partial"), 0);
    assert_int_equal(count_in(f, "drafts"), 0);
}

static void gets_and_proves_a_module(void **state)
{
    struct fixture *f = *state;
    struct fetched_module module = fetch_or_fail(f);
    struct tree_head head;
    struct stat info;
    char h1[H1_LEN + 1];
    assert_int_equal(module.proof, FETCH_PROOF_RECORDED);
    assert_int_equal(module.record, 150);
    assert_bytes(module.go_mod, BYTES("module example.com/m0\n"));
    dirhash_go_mod(module.go_mod, h1);
    assert_string_equal(module.go_mod_h1, h1);
    assert_int_equal(stat(arena_printf(&f->arena, "%s/a/b/c.go", module.tree), &info), 0);
    assert_int_equal(info.st_mode, S_IFREG | 0444);
    struct bytes zip =
        file_load(arena_printf(&f->arena, "%s/example.com/m0/@v/v1.0.0.zip", proxy_root));
    struct sha256 digest = sha256_of(zip);
    assert_true(sha256_equal(&digest, &module.zip));
    assert_true(fetch_tree_head(f->fetcher, &head));
    assert_string_equal(head.name, DATABASE);
    assert_int_equal(head.size, 300 + MODULES + 1);
    assert_true(fetch_times(f->fetcher).getting > 0 && fetch_times(f->fetcher).proving > 0);
    assert_tidy(f);
    free((void *)(uintptr_t)zip.data);
}

static void gets_nothing_twice(void **state)
{
    struct fixture *f = *state;
    fetch_or_fail(f);
    assert_int_equal(requests_for("m0/@v/v1.0.0.zip"), 1);
    fetch_or_fail(f);
    open_or_fail(f, false);
    fetch_or_fail(f);
    assert_int_equal(requests_for("m0/@v/v1.0.0.zip"), 1);
    assert_int_equal(requests_for("m0/@v/v1.0.0.mod"), 1);
}

static void works_offline_with_full_proof(void **state)
{
    struct fixture *f = *state;
    struct fetched_module module;
    struct error err = {0};
    open_or_fail(f, true);
    assert_false(fetch_one(f, &module, &err));
    assert_int_equal(err.code, ERROR_NETWORK);
    open_or_fail(f, false);
    fetch_or_fail(f);
    forget();
    setenv("GOPROXY", "http://127.0.0.1:1", 1);
    open_or_fail(f, true);
    module = fetch_or_fail(f);
    assert_int_equal(module.proof, FETCH_PROOF_RECORDED);
    assert_int_equal(requests_for("path"), 0);
}

/* One bit of the zip at several places: headers, data, directory. */
static void refuses_a_zip_that_is_not_the_recorded_one(void **state)
{
    struct fixture *f = *state;
    static const char *const places[] = {"flip:0",      "flip:40", "flip:150000",
                                         "flip:200300", "junk",    "truncate:1000"};
    for (size_t i = 0; i < 5; i++) {
        struct fetched_module module = {0};
        struct error err = {0};
        lie("*.zip", places[i]);
        assert_false(fetch_one(f, &module, &err));
        if (err.code != ERROR_UNTRUSTED || strstr(err.message, "/quarantine/") == NULL ||
            strncmp(err.message, "example.com/m0@v1.0.0: ", 23) != 0) {
            fail_telling("%s: %s", places[i], err.message);
        }
        assert_null(module.tree);
        assert_tidy(f);
        assert_int_equal(count_in(f, "trees"), 0);
        assert_int_equal(count_in(f, "objects"), 0);
        assert_int_equal(count_in(f, "quarantine"), 2 * (i + 1));
    }
    forget();
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
    lie("*.mod", "flip:3");
    assert_fails(fetch_one(f, &module, &err), &err, ERROR_UNTRUSTED, "go.mod file that came");
    assert_tidy(f);
    assert_fails(fetch_go_mods(f->fetcher, &ONE, 1, &f->arena, &module, &err), &err,
                 ERROR_UNTRUSTED, "go.mod file that came");
    forget();
    assert_true(fetch_go_mods(f->fetcher, &ONE, 1, &f->arena, &module, &err));
    assert_bytes(module.go_mod, BYTES("module example.com/m0\n"));
    assert_null(module.tree);
    assert_int_equal(requests_for(".zip"), 0);
}

/* The server breaks off again and again; the next run goes on where this one ended. */
static void continues_in_the_next_run(void **state)
{
    struct fixture *f = *state;
    struct fetched_module module;
    struct error err = {0};
    lie("*.zip", "break-always");
    assert_false(fetch_one(f, &module, &err));
    assert_int_equal(err.code, ERROR_NETWORK);
    assert_int_equal(count_in(f, "partial"), 2);
    forget();
    open_or_fail(f, false);
    fetch_or_fail(f);
    assert_int_equal(requests_for("if-range"), 1);
    assert_int_equal(requests_for("m0/@v/v1.0.0.zip"), 1);
    assert_tidy(f);
}

/* What lies there has the right ETag and other bytes: no tampering, but no good either. */
static void begins_anew_if_the_halves_do_not_fit(void **state)
{
    struct fixture *f = *state;
    struct fetched_module module;
    struct error err = {0};
    size_t count;
    lie("*.zip", "break-always");
    assert_false(fetch_one(f, &module, &err));
    forget();
    char **paths =
        support_list(arena_printf(&f->arena, "%s/partial", f->store), "", &f->arena, &count);
    int fd = open(paths[0], O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "XXXXX", 5, 5), 5);
    close(fd);
    assert_fails(fetch_one(f, &module, &err), &err, ERROR_NETWORK, "not one whole");
    assert_tidy(f);
    fetch_or_fail(f);
}

static void spoil(const char *path)
{
    assert_int_equal(chmod(path, 0644), 0);
    int fd = open(path, O_RDWR);
    char byte;
    assert_int_equal(pread(fd, &byte, 1, 1), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, 1), 1);
    close(fd);
    assert_int_equal(chmod(path, 0444), 0);
}

static void gets_again_what_was_changed_in_the_store(void **state)
{
    struct fixture *f = *state;
    for (size_t kind = 0; kind < 3; kind++) {
        struct fetched_module module = fetch_or_fail(f);
        struct error err = {0};
        char hex[SHA256_HEX_LEN + 1];
        struct sha256 mod;
        size_t before = count_in(f, "quarantine");
        sha256_hex(&module.zip, hex);
        const char *zip = arena_printf(&f->arena, "%s/objects/%s", f->store, hex);
        assert_true(dirhash_parse(module.go_mod_h1, &mod));
        sha256_hex(&mod, hex);
        const char *paths[] = {arena_printf(&f->arena, "%s/LICENSE", module.tree), zip,
                               arena_printf(&f->arena, "%s/mods/%s", f->store, hex)};
        spoil(paths[kind]);
        open_or_fail(f, true);
        assert_false(fetch_one(f, &module, &err));
        assert_int_equal(err.code, ERROR_UNTRUSTED);
        assert_true(count_in(f, "quarantine") > before);
        open_or_fail(f, false);
        fetch_or_fail(f);
        assert_tidy(f);
    }
}

static void says_what_no_proxy_has(void **state)
{
    struct fixture *f = *state;
    struct module_id id = {.path = "example.com/none", .version = "v1.0.0"};
    struct fetched_module module;
    struct error err = {0};
    assert_fails(fetch_modules(f->fetcher, &id, 1, &f->arena, &module, &err), &err, ERROR_ABSENT,
                 "example.com/none@v1.0.0: ");
    lie("*.zip", "status:403");
    assert_fails(fetch_one(f, &module, &err), &err, ERROR_ABSENT, "403");
    assert_tidy(f);
    lie("*.zip", "status:500");
    assert_fails(fetch_one(f, &module, &err), &err, ERROR_NETWORK, "500");
    assert_tidy(f);
    id.version = "v1.0";
    assert_fails(fetch_modules(f->fetcher, &id, 1, &f->arena, &module, &err), &err, ERROR_FORMAT,
                 "v1.0");
    id = (struct module_id){.path = "example.com/../m0", .version = "v1.0.0"};
    assert_fails(fetch_modules(f->fetcher, &id, 1, &f->arena, &module, &err), &err, ERROR_FORMAT,
                 "..");
}

static void leaves_exempt_modules_unproven(void **state)
{
    struct fixture *f = *state;
    use_settings("example.com/m0");
    open_or_fail(f, false);
    struct fetched_module module = fetch_or_fail(f);
    assert_int_equal(module.proof, FETCH_PROOF_NONE);
    assert_int_equal(requests_for("/lookup/"), 0);
    assert_int_equal(strlen(module.h1), H1_LEN);
    open_or_fail(f, true);
    assert_string_equal(fetch_or_fail(f).h1, module.h1);
    /* What was exempt once is not recorded because of that. */
    use_settings("");
    open_or_fail(f, true);
    struct error err = {0};
    assert_false(fetch_one(f, &module, &err));
    setenv("GOSUMDB", "off", 1);
    open_or_fail(f, false);
    assert_int_equal(fetch_or_fail(f).proof, FETCH_PROOF_NONE);
}

static void always_proves_toolchains(void **state)
{
    struct fixture *f = *state;
    struct fetched_toolchain toolchain;
    struct error err = {0};
    struct stat info;
    use_settings("golang.org/toolchain,*");
    open_or_fail(f, false);
    if (!fetch_toolchain(f->fetcher, "go1.99.1", "linux", "amd64", &f->arena, &toolchain, &err)) {
        fail_telling("%s", err.message);
    }
    assert_int_equal(toolchain.module.proof, FETCH_PROOF_RECORDED);
    assert_string_equal(toolchain.platform, "linux/amd64");
    const char *root = toolchain.module.tree;
    assert_int_equal(stat(arena_printf(&f->arena, "%s/src/cmd/go.mod", root), &info), 0);
    assert_int_equal(info.st_mode, S_IFREG | 0644);
    assert_int_equal(stat(arena_printf(&f->arena, "%s/bin/go", root), &info), 0);
    assert_int_equal(info.st_mode, S_IFREG | 0755);
    assert_int_equal(stat(arena_printf(&f->arena, "%s/src/_go.mod", root), &info), -1);
    open_or_fail(f, true);
    assert_true(
        fetch_toolchain(f->fetcher, "go1.99.1", "linux", "amd64", &f->arena, &toolchain, &err));
    /* GOSUMDB=off does not do away with the look-up: it goes to the database that is built in. */
    setenv("GOSUMDB", "off", 1);
    open_or_fail(f, false);
    assert_false(
        fetch_toolchain(f->fetcher, "go1.99.1", "linux", "amd64", &f->arena, &toolchain, &err));
    open_or_fail(f, true);
    assert_fails(
        fetch_toolchain(f->fetcher, "go1.98.1", "linux", "amd64", &f->arena, &toolchain, &err),
        &err, ERROR_NETWORK, "go1.98.1");
}

static unsigned access_mode(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? info.st_mode & 07777 : 0;
}

/* More than two batches, with doubles. */
static void gets_many_modules_in_order(void **state)
{
    struct fixture *f = *state;
    struct module_id ids[2 * MODULES];
    struct fetched_module modules[2 * MODULES];
    struct error err = {0};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        ids[i] =
            (struct module_id){.path = arena_printf(&f->arena, "example.com/m%zu", i * 7 % MODULES),
                               .version = "v1.0.0"};
    }
    if (!fetch_modules(f->fetcher, ids, ARRAY_LEN(ids), &f->arena, modules, &err)) {
        fail_telling("%s", err.message);
    }
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        const char *want = arena_printf(&f->arena, "module %s\n", ids[i].path);
        assert_string_equal(modules[i].id.path, ids[i].path);
        assert_bytes(modules[i].go_mod, bytes_from_string(want));
        assert_int_equal(access_mode(modules[i].tree), 0755);
    }
    assert_int_equal(requests_for("/@v/v1.0.0.zip"), MODULES);
    assert_tidy(f);
    open_or_fail(f, true);
    assert_true(fetch_modules(f->fetcher, ids, ARRAY_LEN(ids), &f->arena, modules, &err));
    open_or_fail(f, false);
    lie("*m5/@v/v1.0.0.zip", "status:404");
    assert_true(fetch_modules(f->fetcher, ids, ARRAY_LEN(ids), &f->arena, modules, &err));
}

static void keeps_what_came_when_something_else_does_not(void **state)
{
    struct fixture *f = *state;
    struct module_id ids[MODULES];
    struct fetched_module modules[MODULES];
    struct error err = {0};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        ids[i] = (struct module_id){.path = arena_printf(&f->arena, "example.com/m%zu", i),
                                    .version = "v1.0.0"};
    }
    lie("*m5/@v/v1.0.0.zip", "status:404");
    assert_fails(fetch_modules(f->fetcher, ids, ARRAY_LEN(ids), &f->arena, modules, &err), &err,
                 ERROR_ABSENT, "example.com/m5@v1.0.0: ");
    assert_tidy(f);
    forget();
    assert_true(fetch_modules(f->fetcher, ids, ARRAY_LEN(ids), &f->arena, modules, &err));
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
    assert_int_equal(requests_for("m0/@v/v1.0.0.zip"), 1);
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
    static const char *const sizes[] = {"64k", "300k", "500k", "700k"};
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
            assert_true(ok && i >= 2);
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
        assert_int_equal(count_in(f, "trees"), ok ? 1 : 0);
        if (ok) {
            open_or_fail(f, true);
            assert_true(fetch_modules(f->fetcher, &id, 1, &f->arena, &module, &err));
        }
    }
    assert_true(good > 15);
}

static void tells_what_a_proxy_says(void **state)
{
    struct fixture *f = *state;
    struct module_info info;
    struct error err = {0};
    const char **versions;
    size_t count;
    assert_true(fetch_info(f->fetcher, "example.com/m0", "v1.0.0", &f->arena, &info, &err));
    assert_string_equal(info.version, "v1.0.0");
    assert_string_equal(info.time, "2026-01-02T03:04:05Z");
    assert_true(fetch_versions(f->fetcher, "example.com/m0", &f->arena, &versions, &count, &err));
    assert_int_equal(count, 1);
    assert_string_equal(versions[0], "v1.0.0");
    open_or_fail(f, true);
    assert_true(fetch_info(f->fetcher, "example.com/m0", "v1.0.0", &f->arena, &info, &err));
    assert_fails(fetch_info(f->fetcher, "example.com/m1", "v1.0.0", &f->arena, &info, &err), &err,
                 ERROR_NETWORK, "example.com/m1@v1.0.0: ");
    assert_fails(fetch_versions(f->fetcher, "example.com/m1", &f->arena, &versions, &count, &err),
                 &err, ERROR_NETWORK, "example.com/m1");
}

static int run_go_download(struct fixture *f, const char *mirror, const char *cache)
{
    const char *argv[] = {"go", "mod", "download", "example.com/m0@v1.0.0", "example.com/m7@v1.0.0",
                          NULL};
    setenv("GOPROXY", arena_printf(&f->arena, "file://%s", mirror), 1);
    setenv("GOPATH", arena_printf(&f->arena, "%s/%s", f->path, cache), 1);
    setenv("GOMODCACHE", arena_printf(&f->arena, "%s/%s/mod", f->path, cache), 1);
    setenv("GOFLAGS", "-modcacherw", 1);
    setenv("GOTOOLCHAIN", "local", 1);
    int status = support_run(argv, NULL);
    unsetenv("GOPATH");
    unsetenv("GOMODCACHE");
    unsetenv("GOFLAGS");
    unsetenv("GOTOOLCHAIN");
    return status;
}

/* Go itself checks the mirror against the database that is in it; nothing else is reachable. */
static void lays_out_a_mirror_that_plain_go_believes(void **state)
{
    struct fixture *f = *state;
    struct module_id ids[] = {ONE, {.path = "example.com/m7", .version = "v1.0.0"}};
    struct fetched_module modules[2];
    struct error err = {0};
    const char *mirror = arena_printf(&f->arena, "%s/mirror", f->path);
    if (!support_has("go")) {
        skip();
    }
    assert_true(fetch_modules(f->fetcher, ids, 2, &f->arena, modules, &err));
    assert_true(mirror_write(f->fetcher, modules, 2, mirror, &err));
    assert_true(mirror_write(f->fetcher, modules, 2, mirror, &err));
    assert_int_equal(run_go_download(f, mirror, "good"), 0);
    const char *zip = arena_printf(&f->arena, "%s/example.com/m7/@v/v1.0.0.zip", mirror);
    const char *other = arena_printf(&f->arena, "%s/example.com/m7/@v/v1.0.0.mod", mirror);
    spoil(other);
    assert_int_not_equal(run_go_download(f, mirror, "mod"), 0);
    spoil(other);
    spoil(zip);
    assert_int_not_equal(run_go_download(f, mirror, "zip"), 0);
    spoil(zip);
    assert_int_equal(run_go_download(f, mirror, "again"), 0);
}

static void removes_its_workspace(void **state)
{
    struct fixture *f = *state;
    struct workspace workspace;
    struct error err = {0};
    struct stat info;
    assert_true(workspace_open(f->fetcher, &f->arena, &workspace, &err));
    assert_true(directory_make(workspace.dir, "a/b", 0700, NULL, &err));
    assert_int_equal(stat(arena_printf(&f->arena, "%s/a/b", workspace.path), &info), 0);
    workspace_free(&workspace);
    assert_int_equal(count_in(f, "work"), 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    CASE(gets_and_proves_a_module),
    CASE(gets_nothing_twice),
    CASE(works_offline_with_full_proof),
    CASE(refuses_a_zip_that_is_not_the_recorded_one),
    CASE(refuses_the_zip_of_another_module),
    CASE(refuses_a_go_mod_that_is_not_the_recorded_one),
    CASE(continues_in_the_next_run),
    CASE(begins_anew_if_the_halves_do_not_fit),
    CASE(gets_again_what_was_changed_in_the_store),
    CASE(says_what_no_proxy_has),
    CASE(leaves_exempt_modules_unproven),
    CASE(always_proves_toolchains),
    CASE(gets_many_modules_in_order),
    CASE(keeps_what_came_when_something_else_does_not),
    CASE(downloads_once_for_eight_processes),
    CASE(survives_being_killed_at_any_time),
    CASE(leaves_nothing_behind_on_a_full_disk),
    CASE(refuses_hostile_zips_of_exempt_modules),
    CASE(tells_what_a_proxy_says),
    CASE(lays_out_a_mirror_that_plain_go_believes),
    CASE(removes_its_workspace),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
