/* Toolchains and modules: got by the GOPROXY protocol, proven against the checksum database, kept
 * in the store.
 *
 * What a caller gets back has been verified in this very run: the unpacked tree was hashed (h1) as
 * it lies in the store, and that h1 is in the database's Merkle tree (or the module is exempt by
 * the user's GONOSUMDB/GOPRIVATE/GOSUMDB settings, which the proof says). Go's network settings
 * apply: GOPROXY, GONOPROXY, GOSUMDB, GONOSUMDB, GOPRIVATE, GOINSECURE. Protocol: go.dev/ref/mod.
 */
#pragma once

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"

struct fetcher;

/* Told from time to time, from the thread that called; DONE of TOTAL bytes (TOTAL 0: not known). */
typedef void fetch_progress(void *context, const char *what, uint64_t done, uint64_t total);

struct fetch_settings {
    const char *store; /* absolute directory; made if absent */
    const char *state; /* absolute directory for trust state; made if absent */
    bool offline;
    unsigned jobs;
    fetch_progress *progress; /* NULL: silent */
    void *progress_context;
};

/* Opens store, state and settings; starts nothing yet. */
CHECKED bool fetcher_open(const struct fetch_settings *settings, struct fetcher **ret,
                          struct error *err);
void fetcher_free(struct fetcher **fetcher);

enum fetch_proof {
    FETCH_PROOF_NONE,     /* exempt from the database by the user's settings, or unknown to it */
    FETCH_PROOF_RECORDED, /* its h1 is a record of the database's tree */
};

struct module_id {
    const char *path, *version;
};

struct fetched_module {
    struct module_id id;
    const char *h1, *go_mod_h1; /* "h1:..." */
    enum fetch_proof proof;
    bool unknown;    /* without proof, as the database answered that it has no such module */
    bool unasked;    /* without proof, as nobody could be asked offline: what an earlier run took
                        without proof, too */
    uint64_t record; /* the record's number in the tree */
    struct bytes go_mod; /* the .mod file as the database promises it */
    struct sha256 zip;   /* of the module zip as it was downloaded */
    const char *tree;    /* absolute path of the unpacked module root, read-only, verified */
};

/* Gets and proves COUNT modules, in parallel; RET has COUNT elements, strings in ARENA. The first
 * failure ends it. ERROR_ABSENT: no proxy has it (404, 410, 403: the message says which status);
 * ERROR_NETWORK; ERROR_UNTRUSTED: bytes or log contradict the database. The message begins with
 * "PATH@VERSION: ". */
CHECKED bool fetch_modules(struct fetcher *fetcher, const struct module_id *ids, size_t count,
                           struct arena *arena, struct fetched_module *ret, struct error *err);

/* As fetch_modules for one; where the database answers that it has no record of it (404, 410),
 * what the proxy has is taken without proof, and RET says so; so is offline what such a run left.
 * Nobody has promised these bytes to others: the caller must tell. */
CHECKED bool fetch_module_even_unknown(struct fetcher *fetcher, const struct module_id *id,
                                       struct arena *arena, struct fetched_module *ret,
                                       struct error *err);

/* As fetch_modules, .mod files alone (go_mod, go_mod_h1, proof, record are set). */
CHECKED bool fetch_go_mods(struct fetcher *fetcher, const struct module_id *ids, size_t count,
                           struct arena *arena, struct fetched_module *ret, struct error *err);

struct fetched_toolchain {
    const char *version;  /* "go1.23.5" */
    const char *platform; /* "linux/amd64" */
    struct fetched_module
        module; /* golang.org/toolchain; tree is GOROOT: go.mod files renamed, modes set */
};

/* The toolchain GO_VERSION for GOOS/GOARCH. ERROR_ABSENT if no proxy has that one. */
CHECKED bool fetch_toolchain(struct fetcher *fetcher, const char *go_version, const char *goos,
                             const char *goarch, struct arena *arena, struct fetched_toolchain *ret,
                             struct error *err);

/* The h1 of that toolchain's zip, as the database has it; nothing but its go.mod is fetched. */
CHECKED bool fetch_toolchain_h1(struct fetcher *fetcher, const char *go_version, const char *goos,
                                const char *goarch, struct arena *arena, const char **ret,
                                struct error *err);

/* What a proxy says of a version or revision: hearsay, never a proof. */
struct module_info {
    const char *version, *time;                                     /* RFC 3339, "" if not told */
    const char *origin_vcs, *origin_url, *origin_hash, *origin_ref; /* "" if not told */
};
CHECKED bool fetch_info(struct fetcher *fetcher, const char *path, const char *query,
                        struct arena *arena, struct module_info *ret, struct error *err);

/* The versions that the proxy lists (partial, unordered as served). */
CHECKED bool fetch_versions(struct fetcher *fetcher, const char *path, struct arena *arena,
                            const char ***ret, size_t *ret_count, struct error *err);

/* The newest tree head that was accepted; false if the database was not asked yet. */
struct tree_head {
    const char *name; /* of the database */
    uint64_t size;
    struct sha256 root;
    bool first_sight; /* there was no earlier head to be consistent with but the built-in floor */
    unsigned
        days_unchanged; /* sumdb_days_unchanged: the database may be withheld; 0: no news of that */
};
bool fetch_tree_head(const struct fetcher *fetcher, struct tree_head *ret);

/* Seconds spent so far on getting, and on proving (hashes, proofs). */
struct fetch_times {
    double getting, proving;
};
struct fetch_times fetch_times(const struct fetcher *fetcher);

/* A private directory for one run beneath the store, removed with all in it by workspace_free, or
 * by the next run if this one is killed. Mode 0711, so that the sandbox's user can reach in. */
struct workspace {
    int dir;          /* -1: none */
    const char *path; /* absolute */
    char name[64];
    int parent, lock;
};
CHECKED bool workspace_open(struct fetcher *fetcher, struct arena *arena, struct workspace *ret,
                            struct error *err);
void workspace_free(struct workspace *workspace);
