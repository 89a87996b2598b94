// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/fetch/fetch_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

const struct module_id ONE = {.path = "example.com/m0", .version = "v1.0.0"};
struct lying_server server;
char proxy_root[64];

void fixture_settings(const char *nosumdb)
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

int fixture_group_set_up(void **state)
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

int fixture_group_tear_down(void **state)
{
    (void)state;
    lying_server_stop(&server);
    scratch_remove(proxy_root);
    return 0;
}

void server_forget(void)
{
    free(lying_server_ask(&server, "/control/reset"));
}

bool open_fetcher(struct fixture *f, bool offline, struct error *err)
{
    struct fetch_settings settings = {
        .store = f->store, .state = f->state, .offline = offline, .jobs = 3};
    fetcher_free(&f->fetcher);
    return fetcher_open(&settings, &f->fetcher, err);
}

void open_or_fail(struct fixture *f, bool offline)
{
    struct error err = {0};
    if (!open_fetcher(f, offline, &err)) {
        fail_telling("%s", err.message);
    }
}

int fixture_set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    scratch_make(f->path);
    f->store = arena_printf(&f->arena, "%s/store", f->path);
    f->state = arena_printf(&f->arena, "%s/state", f->path);
    fixture_settings("");
    server_forget();
    open_or_fail(f, false);
    *state = f;
    return 0;
}

int fixture_tear_down(void **state)
{
    struct fixture *f = *state;
    fetcher_free(&f->fetcher);
    scratch_remove(f->path);
    arena_free(&f->arena);
    free(f);
    return 0;
}

bool fetch_one(struct fixture *f, struct fetched_module *ret, struct error *err)
{
    return fetch_modules(f->fetcher, &ONE, 1, &f->arena, ret, err);
}

struct fetched_module fetch_or_fail(struct fixture *f)
{
    struct fetched_module module = {0};
    struct error err = {0};
    if (!fetch_one(f, &module, &err)) {
        fail_telling("%s", err.message);
    }
    return module;
}

size_t server_requests(const char *part)
{
    char *log = lying_server_ask(&server, "/control/log");
    size_t count = 0;
    for (const char *at = log; (at = strstr(at, part)) != NULL; at++) {
        count++;
    }
    free(log);
    return count;
}

void server_lie(const char *path, const char *what)
{
    char request[256];
    snprintf(request, sizeof(request), "/control/rule?path=%s&lie=%s", path, what);
    free(lying_server_ask(&server, request));
}

size_t store_count(struct fixture *f, const char *folder)
{
    size_t count;
    support_list(arena_printf(&f->arena, "%s/%s", f->store, folder), "", &f->arena, &count);
    return count;
}

/* Nothing half-made is left. */
void assert_tidy(struct fixture *f)
{
    assert_int_equal(store_count(f, "partial"), 0);
    assert_int_equal(store_count(f, "drafts"), 0);
}

void spoil_file(const char *path)
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
