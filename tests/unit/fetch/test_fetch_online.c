// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tests/unit/fetch/support.h"
#include "verifier/fetch/fetch.h"

/* A whole toolchain, its zip and go's copy of it. */
#define SPACE_NEEDED (1ULL << 30)

struct fixture {
    char path[64];
    struct fetcher *fetcher;
    struct arena arena;
};

static bool has_space(const char *path)
{
    struct statvfs info;
    return statvfs(path, &info) == 0 && (uint64_t)info.f_bavail * info.f_frsize > SPACE_NEEDED;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct error err = {0};
    support_helpers();
    scratch_make(f->path);
    struct fetch_settings settings = {.store = arena_printf(&f->arena, "%s/store", f->path),
                                      .state = arena_printf(&f->arena, "%s/state", f->path)};
    if (!fetcher_open(&settings, &f->fetcher, &err)) {
        printf("# no fetcher: %s\n", err.message);
    }
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

static void skip_unless_possible(struct fixture *f)
{
    if (f->fetcher == NULL || !support_has("go")) {
        skip();
    }
    if (!has_space(f->path)) {
        printf("# skip: less than 1 GiB of space in %s\n", f->path);
        skip();
    }
}

/* Skips where the network is not there; fails on anything else. */
static void judge(bool ok, const struct error *err)
{
    if (!ok && err->code == ERROR_NETWORK) {
        printf("# skip: no network: %s\n", err->message);
        skip();
    }
    if (!ok) {
        fail_telling("%s", err->message);
    }
}

static bool said(struct bytes text, const char *key, const char *value, struct arena *arena)
{
    const char *line = arena_printf(arena, "\"%s\": \"%s\"", key, value);
    return bytes_find(text, 0, bytes_from_string(line)) != SIZE_MAX;
}

/* Both sums equal what `go mod download -json` says. */
static void compare_with_go(struct fixture *f, const struct fetched_module *module)
{
    const char *output = arena_printf(&f->arena, "%s/json", f->path);
    const char *name = arena_printf(&f->arena, "%s@%s", module->id.path, module->id.version);
    const char *argv[] = {"go", "mod", "download", "-json", name, NULL};
    setenv("GOMODCACHE", arena_printf(&f->arena, "%s/cache", f->path), 1);
    setenv("GOFLAGS", "-modcacherw", 1);
    setenv("GOTOOLCHAIN", "local", 1);
    assert_int_equal(support_run(argv, output), 0);
    struct bytes text = file_load(output);
    assert_true(said(text, "Sum", module->h1, &f->arena));
    assert_true(said(text, "GoModSum", module->go_mod_h1, &f->arena));
    free((void *)(uintptr_t)text.data);
}

static void gets_the_modules_that_go_gets(void **state)
{
    struct fixture *f = *state;
    static const struct module_id ids[] = {
        {"github.com/evanw/esbuild", "v0.25.0"},
        {"mvdan.cc/sh/v3", "v3.14.1"},
        {"golang.org/x/sys", "v0.30.0"},
        {"golang.org/x/text", "v0.14.0"},
        {"gopkg.in/yaml.v3", "v3.0.1"},
        {"github.com/BurntSushi/toml", "v1.4.0"},
        {"github.com/Azure/go-autorest", "v14.2.0+incompatible"},
    };
    struct fetched_module modules[ARRAY_LEN(ids)];
    struct error err = {0};
    skip_unless_possible(f);
    judge(fetch_modules(f->fetcher, ids, ARRAY_LEN(ids), &f->arena, modules, &err), &err);
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        assert_int_equal(modules[i].proof, FETCH_PROOF_RECORDED);
        compare_with_go(f, &modules[i]);
    }
    assert_string_equal(modules[0].h1, "h1:jRR9D1pfdb669VzdN4w0jwsDfrKE098nKMaDMKvMPyU=");
    assert_int_equal(modules[0].record, 34462873);
}

static void gets_a_toolchain(struct fixture *f, const char *version)
{
    struct fetched_toolchain toolchain;
    struct error err = {0};
    struct stat info;
    skip_unless_possible(f);
    judge(fetch_toolchain(f->fetcher, version, "linux", "amd64", &f->arena, &toolchain, &err),
          &err);
    assert_int_equal(toolchain.module.proof, FETCH_PROOF_RECORDED);
    const char *root = toolchain.module.tree;
    assert_int_equal(stat(arena_printf(&f->arena, "%s/src/go.mod", root), &info), 0);
    const char *compiler = arena_printf(&f->arena, "%s/pkg/tool/linux_amd64/compile", root);
    assert_int_equal(stat(compiler, &info), 0);
    assert_int_equal(info.st_mode, S_IFREG | 0755);
    struct fetch_times times = fetch_times(f->fetcher);
    double before = times.proving;
    assert_true(
        fetch_toolchain(f->fetcher, version, "linux", "amd64", &f->arena, &toolchain, &err));
    printf("# %s: getting %.2f s, proving %.2f s, proving again %.2f s\n", version, times.getting,
           times.proving, fetch_times(f->fetcher).proving - before);
    compare_with_go(f, &toolchain.module);
    const char *go = arena_printf(&f->arena, "%s/bin/go", root);
    const char *argv[] = {go, "version", NULL};
    const char *output = arena_printf(&f->arena, "%s/version", f->path);
    setenv("GOROOT", root, 1);
    assert_int_equal(support_run(argv, output), 0);
    unsetenv("GOROOT");
    struct bytes text = file_load(output);
    const char *want = arena_printf(&f->arena, "go version %s linux/amd64\n", version);
    assert_bytes(text, bytes_from_string(want));
    free((void *)(uintptr_t)text.data);
}

static void gets_go1_16_3(void **state)
{
    gets_a_toolchain(*state, "go1.16.3");
}

static void gets_go1_20(void **state)
{
    gets_a_toolchain(*state, "go1.20");
}

static void gets_go1_23_5(void **state)
{
    gets_a_toolchain(*state, "go1.23.5");
}

static void gets_go1_27_1(void **state)
{
    gets_a_toolchain(*state, "go1.27.1");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    CASE(gets_the_modules_that_go_gets),
    CASE(gets_go1_16_3),
    CASE(gets_go1_20),
    CASE(gets_go1_23_5),
    CASE(gets_go1_27_1),
};

UNIT_MAIN(tests)
