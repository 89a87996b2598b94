/* A fetcher over a store of its own, and a proxy with a checksum database that lies on request. */
#pragma once

#include "tests/unit/fetch/lying_server.h"
#include "tests/unit/fetch/support.h"
#include "verifier/fetch/fetch.h"

#define MODULES 24
#define DATABASE "sum.test"

/* example.com/m0 at v1.0.0; the server has m0 to m23, and the toolchain go1.99.1 for linux/amd64.
 */
extern const struct module_id ONE;

/* Shared by all cases; each has a store of its own. */
extern struct lying_server server;
extern char proxy_root[64];

struct fixture {
    char path[64];
    const char *store, *state;
    struct fetcher *fetcher;
    struct arena arena;
};

/* Go's settings in the environment: the server alone, its key, GONOSUMDB as given. */
void fixture_settings(const char *nosumdb);

/* For the group: starts the server. */
int fixture_group_set_up(void **state);
int fixture_group_tear_down(void **state);

/* For a case: an empty store, an open fetcher, an honest server. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/* Closes the fetcher and opens another over the same store. */
bool open_fetcher(struct fixture *f, bool offline, struct error *err);
void open_or_fail(struct fixture *f, bool offline);

/* Gets ONE. */
bool fetch_one(struct fixture *f, struct fetched_module *ret, struct error *err);
struct fetched_module fetch_or_fail(struct fixture *f);

/* Makes the server lie about the paths that match; makes it honest, with an empty log; counts what
 * the log holds. */
void server_lie(const char *path, const char *what);
void server_forget(void);
size_t server_requests(const char *part);

/* How many files FOLDER of the store has; nothing half-made is left in it. */
size_t store_count(struct fixture *f, const char *folder);
void assert_tidy(struct fixture *f);

/* Changes the second byte of a read-only file; twice: not at all. */
void spoil_file(const char *path);
