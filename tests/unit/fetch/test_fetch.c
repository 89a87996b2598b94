// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/unit/fetch/fetch_fixture.h"
#include "verifier/fetch/dirhash.h"
#include "verifier/fetch/mirror.h"

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
    assert_int_equal(server_requests("m0/@v/v1.0.0.zip"), 1);
    fetch_or_fail(f);
    open_or_fail(f, false);
    fetch_or_fail(f);
    assert_int_equal(server_requests("m0/@v/v1.0.0.zip"), 1);
    assert_int_equal(server_requests("m0/@v/v1.0.0.mod"), 1);
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
    server_forget();
    setenv("GOPROXY", "http://127.0.0.1:1", 1);
    open_or_fail(f, true);
    module = fetch_or_fail(f);
    assert_int_equal(module.proof, FETCH_PROOF_RECORDED);
    assert_int_equal(server_requests("path"), 0);
}

#define LOOK_UP "*/lookup/example.com/m0@v1.0.0"

static bool fetch_even_unknown(struct fixture *f, struct fetched_module *ret, struct error *err)
{
    return fetch_module_even_unknown(f->fetcher, &ONE, &f->arena, ret, err);
}

/* The database's answer that it has no record is one thing, no answer and a false one another. */
static void takes_what_the_database_does_not_know_if_asked_to(void **state)
{
    struct fixture *f = *state;
    struct fetched_module module;
    struct error err = {0};
    server_lie(LOOK_UP, "status:404");
    assert_fails(fetch_one(f, &module, &err), &err, ERROR_ABSENT, "404");
    assert_true(fetch_even_unknown(f, &module, &err));
    assert_int_equal(module.proof, FETCH_PROOF_NONE);
    assert_true(module.unknown && module.tree != NULL);
    server_lie(LOOK_UP, "status:403");
    assert_fails(fetch_even_unknown(f, &module, &err), &err, ERROR_ABSENT, "403");
    server_lie(LOOK_UP, "status:500");
    assert_fails(fetch_even_unknown(f, &module, &err), &err, ERROR_NETWORK, "500");
    server_lie(LOOK_UP, "flip");
    assert_fails(fetch_even_unknown(f, &module, &err), &err, ERROR_UNTRUSTED, "");
    server_forget();
    assert_true(fetch_even_unknown(f, &module, &err));
    assert_int_equal(module.proof, FETCH_PROOF_RECORDED);
    assert_false(module.unknown);
    assert_tidy(f);
}

/* Neither more nor less proven than in the run that took it; and not where nothing was taken. */
static void repeats_offline_what_was_taken_without_proof(void **state)
{
    struct fixture *f = *state;
    struct fetched_module module;
    struct error err = {0};
    server_lie(LOOK_UP, "status:404");
    open_or_fail(f, true);
    assert_fails(fetch_even_unknown(f, &module, &err), &err, ERROR_NETWORK, "");
    open_or_fail(f, false);
    assert_true(fetch_even_unknown(f, &module, &err));
    assert_false(module.unasked);
    const char *h1 = module.h1;
    open_or_fail(f, true);
    assert_true(fetch_even_unknown(f, &module, &err));
    assert_int_equal(module.proof, FETCH_PROOF_NONE);
    assert_true(module.unasked && !module.unknown && module.tree != NULL);
    assert_string_equal(module.h1, h1);
    /* A dependency is never taken so. */
    assert_fails(fetch_one(f, &module, &err), &err, ERROR_NETWORK, "");
    /* What is on record is proven from what was stored, as before. */
    server_forget();
    open_or_fail(f, false);
    fetch_or_fail(f);
    open_or_fail(f, true);
    assert_true(fetch_even_unknown(f, &module, &err));
    assert_int_equal(module.proof, FETCH_PROOF_RECORDED);
    assert_false(module.unasked);
}

static void says_what_no_proxy_has(void **state)
{
    struct fixture *f = *state;
    struct module_id id = {.path = "example.com/none", .version = "v1.0.0"};
    struct fetched_module module;
    struct error err = {0};
    assert_fails(fetch_modules(f->fetcher, &id, 1, &f->arena, &module, &err), &err, ERROR_ABSENT,
                 "example.com/none@v1.0.0: ");
    server_lie("*.zip", "status:403");
    assert_fails(fetch_one(f, &module, &err), &err, ERROR_ABSENT, "403");
    assert_tidy(f);
    server_lie("*.zip", "status:500");
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
    fixture_settings("example.com/m0");
    open_or_fail(f, false);
    struct fetched_module module = fetch_or_fail(f);
    assert_int_equal(module.proof, FETCH_PROOF_NONE);
    assert_int_equal(server_requests("/lookup/"), 0);
    assert_int_equal(strlen(module.h1), H1_LEN);
    open_or_fail(f, true);
    assert_string_equal(fetch_or_fail(f).h1, module.h1);
    /* What was exempt once is not recorded because of that. */
    fixture_settings("");
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
    fixture_settings("golang.org/toolchain,*");
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
    assert_int_equal(server_requests("/@v/v1.0.0.zip"), MODULES);
    assert_tidy(f);
    open_or_fail(f, true);
    assert_true(fetch_modules(f->fetcher, ids, ARRAY_LEN(ids), &f->arena, modules, &err));
    open_or_fail(f, false);
    server_lie("*m5/@v/v1.0.0.zip", "status:404");
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
    server_lie("*m5/@v/v1.0.0.zip", "status:404");
    assert_fails(fetch_modules(f->fetcher, ids, ARRAY_LEN(ids), &f->arena, modules, &err), &err,
                 ERROR_ABSENT, "example.com/m5@v1.0.0: ");
    assert_tidy(f);
    server_forget();
    assert_true(fetch_modules(f->fetcher, ids, ARRAY_LEN(ids), &f->arena, modules, &err));
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
    spoil_file(other);
    assert_int_not_equal(run_go_download(f, mirror, "mod"), 0);
    spoil_file(other);
    spoil_file(zip);
    assert_int_not_equal(run_go_download(f, mirror, "zip"), 0);
    spoil_file(zip);
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
    assert_int_equal(store_count(f, "work"), 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

static const struct CMUnitTest tests[] = {
    CASE(gets_and_proves_a_module),
    CASE(gets_nothing_twice),
    CASE(works_offline_with_full_proof),
    CASE(repeats_offline_what_was_taken_without_proof),
    CASE(takes_what_the_database_does_not_know_if_asked_to),
    CASE(says_what_no_proxy_has),
    CASE(leaves_exempt_modules_unproven),
    CASE(always_proves_toolchains),
    CASE(gets_many_modules_in_order),
    CASE(keeps_what_came_when_something_else_does_not),
    CASE(tells_what_a_proxy_says),
    CASE(lays_out_a_mirror_that_plain_go_believes),
    CASE(removes_its_workspace),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, fixture_group_set_up, fixture_group_tear_down);
}
