// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/fetch.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/fetch/fetch_internal.h"
#include "verifier/fetch/module_path.h"

#define VERSIONS_MAXIMUM 1000000

extern char **environ;

/* The environment as it is; without network GOPROXY has no say, so nobody has to set it. */
static const char *const *environment_of(bool offline, struct arena *arena)
{
    size_t count = 0;
    while (environ[count] != NULL) {
        count++;
    }
    const char **copy = ARENA_ARRAY(arena, count + 2, const char *);
    size_t kept = 0;
    if (offline) {
        copy[kept++] = "GOPROXY=off";
    }
    for (size_t i = 0; i < count; i++) {
        if (!offline || strncmp(environ[i], "GOPROXY=", strlen("GOPROXY=")) != 0) {
            copy[kept++] = environ[i];
        }
    }
    return copy;
}

static bool open_parts(struct fetcher *fetcher, const struct fetch_settings *settings,
                       struct error *err)
{
    const char *const *environment = environment_of(settings->offline, &fetcher->arena);
    struct transport_settings transport = {.environment = environment};
    return settings_load(environment, &fetcher->arena, &fetcher->settings, err) &&
           gosumdb_parse(fetcher->settings.gosumdb, &fetcher->arena, &fetcher->gosumdb, err) &&
           store_open(settings->store, &fetcher->store, err) &&
           transport_open(&transport, &fetcher->transport, err) &&
           proxy_open(&fetcher->settings, fetcher->transport, &fetcher->proxy, err);
}

bool fetcher_open(const struct fetch_settings *settings, struct fetcher **ret, struct error *err)
{
    AUTO(fetcher) struct fetcher *fetcher = calloc(1, sizeof(*fetcher));
    if (fetcher == NULL) {
        bug("out of memory for the fetcher");
    }
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    fetcher->offline = settings->offline;
    fetcher->jobs = settings->jobs > 0 ? settings->jobs : processors > 0 ? (unsigned)processors : 1;
    fetcher->progress = settings->progress;
    fetcher->progress_context = settings->progress_context;
    fetcher->state = arena_string(&fetcher->arena, settings->state);
    if (!open_parts(fetcher, settings, err)) {
        return false;
    }
    *ret = STEAL(fetcher);
    return true;
}

void fetcher_free(struct fetcher **fetcher)
{
    struct fetcher *f = *fetcher;
    if (f == NULL) {
        return;
    }
    sumdb_free(&f->sumdb);
    proxy_free(&f->proxy);
    transport_free(&f->transport);
    store_free(&f->store);
    arena_free(&f->arena);
    free(f);
    *fetcher = NULL;
}

void fetch_note_etags(struct fetcher *fetcher)
{
    for (size_t i = 0; i < fetcher->watched_count; i++) {
        struct fetch_job *job = fetcher->watched[i];
        bool known = job->resume.etag[0] != '\0' && job->resume.received > 0;
        bool worth_it = job->zip_request != NULL && !job->zip_request->ok;
        if (known && worth_it && !job->etag_noted) {
            job->etag_noted = store_partial_note(fetcher->store, job->key, job->resume.etag, NULL);
        }
    }
}

static void tell_progress(void *context, uint64_t done, uint64_t total)
{
    struct fetcher *fetcher = context;
    fetch_note_etags(fetcher);
    if (fetcher->progress != NULL) {
        fetcher->progress(fetcher->progress_context, fetcher->what, done, total);
    }
}

bool fetch_get(struct fetcher *fetcher, const char *what, struct proxy_request *requests,
               size_t count, struct error *err)
{
    double start = clock_seconds();
    fetcher->what = what;
    bool ok = proxy_get(fetcher->proxy, requests, count, tell_progress, fetcher, err);
    fetcher->what = NULL;
    fetcher->times.getting += clock_seconds() - start;
    return ok;
}

static void database_get(void *context, struct sumdb_request *requests, size_t count)
{
    struct fetcher *fetcher = context;
    double start = clock_seconds();
    proxy_get_database(fetcher->proxy, requests, count);
    fetcher->times.getting += clock_seconds() - start;
}

static bool database_cache_read(void *context, const char *name, uint64_t maximum,
                                struct arena *arena, struct bytes *ret)
{
    const struct fetcher *fetcher = context;
    return store_note_read(fetcher->store, fetcher->sumdb_folder, name, maximum, arena, ret, NULL);
}

static bool database_cache_write(void *context, const char *name, struct bytes content,
                                 struct error *err)
{
    const struct fetcher *fetcher = context;
    return store_note_write(fetcher->store, fetcher->sumdb_folder, name, content, err);
}

static void database_cache_drop(void *context, const char *name)
{
    const struct fetcher *fetcher = context;
    struct arena arena = {0};
    store_quarantine(fetcher->store, fetcher->sumdb_folder, name,
                     "it contradicts the checksum database", &arena, NULL);
    arena_free(&arena);
}

bool fetch_open_sumdb(struct fetcher *fetcher, struct error *err)
{
    if (fetcher->sumdb != NULL) {
        return true;
    }
    /* With GOSUMDB=off only toolchains come here, as in Go. */
    if (!fetcher->gosumdb.off) {
        fetcher->anchor = fetcher->gosumdb.anchor;
    } else if (!anchor_builtin(&fetcher->arena, &fetcher->anchor, err)) {
        return false;
    }
    fetcher->sumdb_folder = arena_printf(&fetcher->arena, "sumdb/%s", fetcher->anchor.key.name);
    struct sumdb_settings settings = {.anchor = &fetcher->anchor,
                                      .state = fetcher->state,
                                      .offline = fetcher->offline,
                                      .operations = {.context = fetcher,
                                                     .get_many = database_get,
                                                     .cache_read = database_cache_read,
                                                     .cache_write = database_cache_write,
                                                     .cache_drop = database_cache_drop}};
    return proxy_set_database(fetcher->proxy, fetcher->anchor.key.name, fetcher->anchor.url, err) &&
           sumdb_open(&settings, &fetcher->sumdb, err);
}

bool fetch_is_exempt(const struct fetcher *fetcher, const char *path)
{
    return fetcher->gosumdb.off || module_patterns_match(fetcher->settings.gonosumdb, path);
}

/* One small file of a module, from the proxies or, offline, as it was told the last time. */
static bool get_hearsay(struct fetcher *fetcher, const char *path, const char *file,
                        struct arena *arena, struct bytes *ret, struct error *err)
{
    const char *escaped;
    char key[SHA256_HEX_LEN + 1];
    if (!module_path_escape(path, arena, &escaped, err)) {
        return false;
    }
    const char *suffix = arena_printf(arena, "%s/%s", escaped, file);
    store_key(suffix, key);
    if (fetcher->offline) {
        return store_note_read(fetcher->store, "hearsay", key, LIMIT_SMALL_DOWNLOAD, arena, ret,
                               err) ||
               error_set(err, ERROR_NETWORK, "%s was never asked for before", suffix);
    }
    AUTO(buffer) struct buffer body;
    buffer_init(&body, LIMIT_SMALL_DOWNLOAD);
    struct proxy_request request = {
        .module = path, .suffix = suffix, .maximum = LIMIT_SMALL_DOWNLOAD, .fd = -1, .body = &body};
    if (!fetch_get(fetcher, suffix, &request, 1, err)) {
        return false;
    }
    if (!request.ok) {
        *err = request.error;
        return false;
    }
    *ret = arena_bytes(arena, buffer_view(&body));
    return store_note_write(fetcher->store, "hearsay", key, *ret, err);
}

bool fetch_info(struct fetcher *fetcher, const char *path, const char *query, struct arena *arena,
                struct module_info *ret, struct error *err)
{
    const char *escaped = NULL;
    struct bytes body;
    if (query != NULL && !module_version_escape(query, arena, &escaped, err)) {
        return error_prefix(err, "%s", path);
    }
    const char *file = query == NULL ? "@latest" : arena_printf(arena, "@v/%s.info", escaped);
    return (get_hearsay(fetcher, path, file, arena, &body, err) &&
            proxy_read_info(body, path, query, arena, ret, err)) ||
           error_prefix(err, "%s@%s", path, query == NULL ? "latest" : query);
}

bool fetch_versions(struct fetcher *fetcher, const char *path, struct arena *arena,
                    const char ***ret, size_t *ret_count, struct error *err)
{
    struct bytes body, line;
    if (!get_hearsay(fetcher, path, "@v/list", arena, &body, err)) {
        return error_prefix(err, "%s", path);
    }
    struct scanner scanner = scanner_over(body);
    const char **versions = NULL;
    size_t count = 0;
    size_t capacity = 0;
    while (count < VERSIONS_MAXIMUM && scanner_line(&scanner, LIMIT_LINE, &line)) {
        line = scan_trimmed(line);
        if (line.len > 0 && memchr(line.data, '\0', line.len) == NULL) {
            arena_grow(arena, &versions, count, &capacity, sizeof(*versions));
            versions[count++] = arena_text(arena, line);
        }
    }
    *ret = versions;
    *ret_count = count;
    return true;
}

bool fetch_tree_head(const struct fetcher *fetcher, struct tree_head *ret)
{
    return fetcher->sumdb != NULL && sumdb_head(fetcher->sumdb, ret);
}

struct fetch_times fetch_times(const struct fetcher *fetcher)
{
    return fetcher->times;
}

bool workspace_open(struct fetcher *fetcher, struct arena *arena, struct workspace *ret,
                    struct error *err)
{
    return store_workspace(fetcher->store, arena, ret, err);
}
