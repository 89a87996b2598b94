// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/fetch/fetch_internal.h"
#include "verifier/fetch/module_path.h"
#include "verifier/fetch/parallel.h"
#include "verifier/fetch/toolchain.h"

/* Modules that are downloaded together; while a batch comes, the one before is unpacked. */
#define BATCH 16

struct crowd {
    struct fetcher *fetcher;
    struct fetch_job *jobs; /* as the caller named them */
    size_t count;
    struct fetch_job **sorted; /* by key: locks are taken in this order in every process */
};

struct batch {
    struct fetcher *fetcher;
    struct fetch_job *jobs[BATCH];
    size_t count;
    struct proxy_request requests[2 * BATCH];
    size_t request_count;
    pthread_t thread;
    bool running, ok;
    struct error error;
};

static bool name_job(const struct fetch_job *job, struct error *err)
{
    return error_prefix(err, "%s@%s", job->id->path, job->id->version);
}

static bool prepare_job(struct fetch_job *job, struct error *err)
{
    const struct module_id *id = job->id;
    const char *path, *version;
    if (!module_check(id->path, id->version, err)) {
        return false;
    }
    if (!module_path_escape(id->path, &job->arena, &path, err) ||
        !module_version_escape(id->version, &job->arena, &version, err)) {
        return name_job(job, err);
    }
    job->is_toolchain = strcmp(id->path, TOOLCHAIN_MODULE) == 0;
    job->exempt = !job->is_toolchain && fetch_is_exempt(job->fetcher, id->path);
    job->prefix = arena_printf(&job->arena, "%s@%s/", id->path, id->version);
    job->files = arena_printf(&job->arena, "%s/@v/%s", path, version);
    store_key(arena_printf(&job->arena, "%s@%s", id->path, id->version), job->key);
    job->needs_mod = true;
    job->needs_tree = job->wants_tree;
    return true;
}

static int by_key(const void *a, const void *b)
{
    const struct fetch_job *const *left = a;
    const struct fetch_job *const *right = b;
    return strcmp((*left)->key, (*right)->key);
}

static void sort_crowd(struct crowd *crowd)
{
    for (size_t i = 0; i < crowd->count; i++) {
        crowd->sorted[i] = &crowd->jobs[i];
    }
    qsort(crowd->sorted, crowd->count, sizeof(struct fetch_job *), by_key);
    for (size_t i = 1; i < crowd->count; i++) {
        struct fetch_job *before = crowd->sorted[i - 1];
        if (strcmp(before->key, crowd->sorted[i]->key) == 0) {
            crowd->sorted[i]->same = before->same != NULL ? before->same : before;
        }
    }
}

/* The hashes that an exempt module had the first time. */
static void recall_exempt(struct fetch_job *job)
{
    struct bytes text, h1, go_mod_h1;
    if (!store_note_read(job->fetcher->store, "exempt", job->key, LIMIT_LINE, &job->arena, &text,
                         NULL)) {
        return;
    }
    struct scanner scanner = scanner_over(text);
    if (scanner_line(&scanner, LIMIT_LINE, &h1) && scanner_line(&scanner, LIMIT_LINE, &go_mod_h1)) {
        job->h1 = bytes_equal_string(h1, "-") ? NULL : arena_text(&job->arena, h1);
        job->go_mod_h1 = arena_text(&job->arena, go_mod_h1);
    }
}

/* The database's answer that it has no such module ends the matter, unless the caller takes that
 * one for an exempt one. */
static bool take_unknown(struct crowd *crowd, const struct error *err)
{
    struct fetch_job *job = &crowd->jobs[0];
    if (crowd->count != 1 || !job->may_be_unknown || job->is_toolchain) {
        return false;
    }
    if (crowd->fetcher->offline && err->code == ERROR_NETWORK) {
        /* What an earlier run took without proof is no more proven now, and no less. */
        recall_exempt(job);
        job->exempt = job->unasked = job->h1 != NULL;
        return job->exempt;
    }
    if (err->code != ERROR_ABSENT || sumdb_is_withheld(crowd->fetcher->sumdb)) {
        return false;
    }
    job->exempt = job->unknown = true;
    recall_exempt(job);
    return true;
}

/* What the database says of all that it is to be asked about. */
static bool look_up(struct crowd *crowd, struct arena *arena, struct error *err)
{
    struct module_id *ids = ARENA_ARRAY(arena, crowd->count, struct module_id);
    size_t count = 0;
    for (size_t i = 0; i < crowd->count; i++) {
        struct fetch_job *job = &crowd->jobs[i];
        if (job->exempt) {
            recall_exempt(job);
        } else {
            ids[count++] = *job->id;
        }
    }
    struct sumdb_record *records = ARENA_ARRAY(arena, count, struct sumdb_record);
    struct error why;
    if (count > 0 && !fetch_open_sumdb(crowd->fetcher, err)) {
        return false;
    }
    if (count > 0 && !sumdb_lookup_many(crowd->fetcher->sumdb, ids, count, arena, records, &why)) {
        if (!take_unknown(crowd, &why)) {
            *err = why;
            return false;
        }
    }
    size_t next = 0;
    for (size_t i = 0; i < crowd->count; i++) {
        struct fetch_job *job = &crowd->jobs[i];
        if (!job->exempt) {
            job->h1 = records[next].h1;
            job->go_mod_h1 = records[next].go_mod_h1;
            job->record = records[next++].id;
        }
    }
    return true;
}

/* One module is hashed by all threads; of many modules, each by one. */
static bool look_one(void *context, size_t index, struct error *err)
{
    struct crowd *crowd = context;
    struct fetch_job *job = crowd->sorted[index];
    unsigned jobs = crowd->count == 1 ? crowd->fetcher->jobs : 1;
    return job->same != NULL || fetch_job_look(job, jobs, err) || name_job(job, err);
}

static bool is_missing(const struct fetch_job *job)
{
    return job->same == NULL && (job->needs_tree || job->needs_mod);
}

static bool refuse_offline(const struct fetch_job *job, struct error *err)
{
    if (job->damage.code != ERROR_NONE) {
        *err = job->damage;
    } else {
        error_set(err, ERROR_NETWORK, "it is not in the store, and --offline forbids to get it");
        error_cure(err, "run once without --offline");
    }
    return name_job(job, err);
}

static void add_requests(struct batch *batch, struct fetch_job *job)
{
    if (job->needs_mod) {
        buffer_init(&job->mod_body, LIMIT_ZIP_GO_MOD);
        job->mod_request = &batch->requests[batch->request_count++];
        *job->mod_request =
            (struct proxy_request){.module = job->id->path,
                                   .suffix = arena_printf(&job->arena, "%s.mod", job->files),
                                   .maximum = LIMIT_ZIP_GO_MOD,
                                   .fd = -1,
                                   .body = &job->mod_body};
    }
    if (job->needs_tree) {
        job->broken_off = true;
        job->zip_request = &batch->requests[batch->request_count++];
        *job->zip_request =
            (struct proxy_request){.module = job->id->path,
                                   .suffix = arena_printf(&job->arena, "%s.zip", job->files),
                                   .maximum = LIMIT_ZIP_BYTES,
                                   .large = true,
                                   .fd = job->partial,
                                   .resume = &job->resume};
    }
}

static bool open_partial(struct store *store, struct fetch_job *job, struct error *err)
{
    if (!store_partial_open(store, job->key, &job->partial, job->resume.etag,
                            sizeof(job->resume.etag), err)) {
        return false;
    }
    struct stat info;
    if (fstat(job->partial, &info) != 0) {
        return error_errno(err, "cannot examine a partial download");
    }
    job->resume.received = (uint64_t)info.st_size;
    job->resumed = job->etag_noted = job->resume.received > 0;
    return true;
}

/* Takes the lock; another process may have done the work while we waited for it. */
static bool enter_batch(struct batch *batch, struct fetch_job *job, struct error *err)
{
    struct store *store = batch->fetcher->store;
    if (!store_lock(store, job->key, &job->lock, err)) {
        return false;
    }
    if (job->exempt && job->h1 == NULL) {
        recall_exempt(job);
    }
    if (!fetch_job_look(job, batch->fetcher->jobs, err)) {
        return false;
    }
    if (!is_missing(job)) {
        fd_close(&job->lock);
        return true;
    }
    if (job->needs_tree && !open_partial(store, job, err)) {
        return false;
    }
    add_requests(batch, job);
    batch->jobs[batch->count++] = job;
    return true;
}

static bool judge_request(const struct proxy_request *request, struct error *err)
{
    if (request != NULL && !request->ok && err != NULL) {
        *err = request->error;
    }
    return request == NULL || request->ok;
}

/* Keeps those that came in the batch: they are worth it even if others did not come. */
static bool judge_batch(struct batch *batch, struct error *err)
{
    bool ok = true;
    size_t kept = 0;
    for (size_t i = 0; i < batch->count; i++) {
        struct fetch_job *job = batch->jobs[i];
        struct error *reported = ok ? err : NULL;
        /* What does not fit must not go on taking the room. */
        job->broken_off = job->zip_request != NULL && !job->zip_request->ok &&
                          job->zip_request->error.code != ERROR_LIMIT;
        if (judge_request(job->mod_request, reported) &&
            judge_request(job->zip_request, reported)) {
            batch->jobs[kept++] = job;
        } else if (ok) {
            ok = name_job(job, err);
        }
    }
    batch->count = kept;
    return ok;
}

static bool download_batch(struct batch *batch, struct error *err)
{
    if (batch->count == 0) {
        return true;
    }
    const struct module_id *first = batch->jobs[0]->id;
    struct arena arena = {0};
    const char *what = batch->count == 1
                           ? arena_printf(&arena, "%s@%s", first->path, first->version)
                           : arena_printf(&arena, "%s@%s and %zu more", first->path, first->version,
                                          batch->count - 1);
    batch->fetcher->watched = batch->jobs;
    batch->fetcher->watched_count = batch->count;
    bool ok = fetch_get(batch->fetcher, what, batch->requests, batch->request_count, err);
    fetch_note_etags(batch->fetcher);
    batch->fetcher->watched_count = 0;
    arena_free(&arena);
    if (!ok) {
        batch->count = 0;
        return false;
    }
    return judge_batch(batch, err);
}

static bool complete_one(void *context, size_t index, struct error *err)
{
    struct batch *batch = context;
    unsigned jobs = batch->count == 1 ? batch->fetcher->jobs : 1;
    return fetch_job_complete(batch->jobs[index], jobs, err) || name_job(batch->jobs[index], err);
}

static void *complete_batch(void *context)
{
    struct batch *batch = context;
    batch->ok =
        parallel_run(batch->fetcher->jobs, batch->count, complete_one, batch, &batch->error);
    return NULL;
}

static void begin_completion(struct batch *batch)
{
    if (batch->count == 0) {
        return;
    }
    batch->running = pthread_create(&batch->thread, NULL, complete_batch, batch) == 0;
    if (!batch->running) {
        complete_batch(batch);
    }
}

/* Waits for what begin_completion began; an earlier error in ERR is kept. */
static bool end_completion(struct batch *batch, bool ok, struct error *err)
{
    if (batch->running) {
        pthread_join(batch->thread, NULL);
    }
    bool good = batch->ok;
    if (ok && !good && err != NULL) {
        *err = batch->error;
    }
    *batch = (struct batch){.ok = true};
    return ok && good;
}

/* Fills BATCH with the next missing modules from *NEXT on and downloads them. */
static bool get_batch(struct crowd *crowd, size_t *next, struct batch *batch, struct error *err)
{
    *batch = (struct batch){.fetcher = crowd->fetcher, .ok = true};
    while (*next < crowd->count && batch->count < BATCH) {
        struct fetch_job *job = crowd->sorted[(*next)++];
        if (!is_missing(job)) {
            continue;
        }
        if (crowd->fetcher->offline) {
            return refuse_offline(job, err);
        }
        if (!enter_batch(batch, job, err)) {
            batch->count = 0;
            return name_job(job, err);
        }
    }
    return download_batch(batch, err);
}

static bool get_missing(struct crowd *crowd, struct error *err)
{
    struct batch *batches = calloc(2, sizeof(*batches));
    if (batches == NULL) {
        bug("out of memory for two batches");
    }
    batches[0].ok = batches[1].ok = true;
    bool ok = true;
    size_t turn = 0;
    for (size_t next = 0; ok && next < crowd->count; turn ^= 1) {
        ok = get_batch(crowd, &next, &batches[turn], err);
        ok = end_completion(&batches[turn ^ 1], ok, err);
        begin_completion(&batches[turn]);
    }
    ok = end_completion(&batches[turn ^ 1], ok, err);
    free(batches);
    return ok;
}

static void give_result(const struct fetch_job *job, struct arena *arena,
                        struct fetched_module *ret)
{
    const struct fetch_job *from = job->same != NULL ? job->same : job;
    *ret = (struct fetched_module){
        .id = {.path = arena_string(arena, job->id->path),
               .version = arena_string(arena, job->id->version)},
        .h1 = from->h1 == NULL ? "" : arena_string(arena, from->h1),
        .go_mod_h1 = arena_string(arena, from->go_mod_h1),
        .proof = from->exempt ? FETCH_PROOF_NONE : FETCH_PROOF_RECORDED,
        .unknown = from->unknown,
        .unasked = from->unasked,
        .record = from->record,
        .go_mod = arena_bytes(arena, from->go_mod),
        .zip = from->zip,
        .tree = from->tree == NULL ? NULL : arena_string(arena, from->tree),
    };
}

static bool run_crowd(struct crowd *crowd, struct arena *arena, struct fetched_module *ret,
                      struct error *err)
{
    struct arena scratch = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < crowd->count; i++) {
        ok = prepare_job(&crowd->jobs[i], err);
    }
    if (ok) {
        sort_crowd(crowd);
        ok = look_up(crowd, &scratch, err) &&
             parallel_run(crowd->fetcher->jobs, crowd->count, look_one, crowd, err) &&
             get_missing(crowd, err);
    }
    for (size_t i = 0; ok && i < crowd->count; i++) {
        give_result(&crowd->jobs[i], arena, &ret[i]);
    }
    arena_free(&scratch);
    return ok;
}

enum wanted {
    WANTED_GO_MODS,
    WANTED_TREES,
    WANTED_EVEN_UNKNOWN,
};

static bool fetch_many(struct fetcher *fetcher, const struct module_id *ids, size_t count,
                       enum wanted wanted, struct arena *arena, struct fetched_module *ret,
                       struct error *err)
{
    double start = clock_seconds();
    double getting = fetcher->times.getting;
    struct crowd crowd = {.fetcher = fetcher, .count = count};
    crowd.jobs = calloc(count + 1, sizeof(*crowd.jobs));
    crowd.sorted = calloc(count + 1, sizeof(struct fetch_job *));
    if (crowd.jobs == NULL || crowd.sorted == NULL) {
        bug("out of memory for %zu modules", count);
    }
    for (size_t i = 0; i < count; i++) {
        crowd.jobs[i] = (struct fetch_job){
            .id = &ids[i],
            .fetcher = fetcher,
            .wants_tree = wanted != WANTED_GO_MODS,
            .may_be_unknown = wanted == WANTED_EVEN_UNKNOWN,
            .lock = -1,
            .partial = -1,
        };
    }
    bool ok = run_crowd(&crowd, arena, ret, err);
    for (size_t i = 0; i < count; i++) {
        fetch_job_clear(&crowd.jobs[i]);
    }
    free(crowd.jobs);
    free(crowd.sorted);
    fetcher->times.proving += clock_seconds() - start - (fetcher->times.getting - getting);
    return ok;
}

bool fetch_modules(struct fetcher *fetcher, const struct module_id *ids, size_t count,
                   struct arena *arena, struct fetched_module *ret, struct error *err)
{
    return fetch_many(fetcher, ids, count, WANTED_TREES, arena, ret, err);
}

bool fetch_module_even_unknown(struct fetcher *fetcher, const struct module_id *id,
                               struct arena *arena, struct fetched_module *ret, struct error *err)
{
    return fetch_many(fetcher, id, 1, WANTED_EVEN_UNKNOWN, arena, ret, err);
}

bool fetch_go_mods(struct fetcher *fetcher, const struct module_id *ids, size_t count,
                   struct arena *arena, struct fetched_module *ret, struct error *err)
{
    return fetch_many(fetcher, ids, count, WANTED_GO_MODS, arena, ret, err);
}
