/* What the files of the fetcher share. */
#pragma once

#include <stdatomic.h>

#include "verifier/fetch/anchor.h"
#include "verifier/fetch/fetch.h"
#include "verifier/fetch/proxy.h"
#include "verifier/fetch/settings.h"
#include "verifier/fetch/store.h"
#include "verifier/fetch/sumdb.h"
#include "verifier/fetch/transport.h"

struct fetcher {
    struct arena arena;
    struct store *store;
    struct settings settings;
    struct gosumdb gosumdb;
    struct transport *transport;
    struct proxy *proxy;
    struct sumdb *sumdb;      /* NULL: not needed yet */
    struct anchor anchor;     /* of sumdb */
    const char *sumdb_folder; /* its cache in the store */
    const char *state;        /* directory of the trust state */
    bool offline;
    unsigned jobs;
    fetch_progress *progress;
    void *progress_context;
    const char *what;           /* being got, for progress */
    struct fetch_job **watched; /* downloads whose ETags are noted once they are known */
    size_t watched_count;
    struct fetch_times times;
};

/* proxy_get, with progress and the time it takes. */
CHECKED bool fetch_get(struct fetcher *fetcher, const char *what, struct proxy_request *requests,
                       size_t count, struct error *err);

/* Notes the ETags of the watched downloads, so that another run can continue them. */
void fetch_note_etags(struct fetcher *fetcher);

/* The checksum database's client, opened at its first use. */
CHECKED bool fetch_open_sumdb(struct fetcher *fetcher, struct error *err);

/* True if the user's settings take PATH out of the database's reach. */
bool fetch_is_exempt(const struct fetcher *fetcher, const char *path);

/* One module on its way through fetch_modules. */
struct fetch_job {
    const struct module_id *id;
    struct fetcher *fetcher;
    struct arena arena; /* what a thread allocates; dropped at the end */
    const char *prefix; /* "path@version/" */
    const char *files;  /* "escaped/path/@v/escapedversion" */
    char key[SHA256_HEX_LEN + 1];
    bool exempt, is_toolchain, wants_tree;
    bool may_be_unknown; /* to the database; exempt then */
    bool unknown, unasked;
    struct fetch_job *same;     /* the same module, asked before */
    const char *h1, *go_mod_h1; /* NULL: an exempt module met for the first time */
    uint64_t record;
    /* What is still missing. */
    bool needs_tree, needs_mod;
    struct error damage; /* why something that was in the store is missing now */
    int lock, partial;
    struct proxy_resume resume; /* of the zip */
    bool etag_noted, resumed, broken_off;
    struct buffer mod_body;
    struct proxy_request *zip_request, *mod_request; /* while the batch lasts */
    /* What came of it. */
    struct bytes go_mod;
    struct sha256 zip;
    const char *tree;
};

/* Looks for JOB in the store, and believes nothing that it does not hash. */
CHECKED bool fetch_job_look(struct fetch_job *job, unsigned jobs, struct error *err);

/* Takes what was downloaded for JOB into the store, if it is what was promised. */
CHECKED bool fetch_job_complete(struct fetch_job *job, unsigned jobs, struct error *err);

/* Lets go of everything; a download that did not become part of the store is removed. */
void fetch_job_clear(struct fetch_job *job);
