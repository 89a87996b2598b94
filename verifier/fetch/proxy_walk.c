// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/proxy_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "verifier/fetch/module_path.h"
#include "verifier/fetch/proxy_place.h"

/* One round: each walk that is not over asks its present entry. */
struct round {
    struct proxy *proxy;
    struct walk *walks;
    size_t count;
    struct transfer *transfers; /* one for each walk of ASKING, in this order */
    size_t *asking;
    size_t asking_count;
    uint64_t before; /* bytes of walks that are over */
    proxy_progress *progress;
    void *context;
};

static struct transfer transfer_of(const struct proxy_request *request)
{
    struct transfer transfer = {
        .maximum = request->maximum,
        .large = request->large,
        .fd = request->fd,
        .body = request->body,
    };
    if (request->resume != NULL && request->resume->etag[0] != '\0') {
        transfer.received = request->resume->received;
        memcpy(transfer.etag, request->resume->etag, sizeof(transfer.etag));
    }
    return transfer;
}

static void note_resume(const struct proxy_request *request, const struct transfer *transfer)
{
    if (request->resume != NULL) {
        request->resume->received = transfer->received;
        memcpy(request->resume->etag, transfer->etag, sizeof(transfer->etag));
    }
}

static void end_well(struct walk *walk, const struct transfer *transfer)
{
    struct proxy_request *request = walk->request;
    walk->over = true;
    request->ok = true;
    request->size = transfer->received;
    request->entry = walk->at + 1;
    request->status = transfer->status;
}

/* What stays for the user: the best error, as Go ranks them. */
static void remember(struct walk *walk, const struct error *failure, bool not_exist, bool direct)
{
    bool better =
        direct || (walk->rank <= WALK_PROXY && !not_exist) || walk->rank == WALK_NOT_EXIST;
    if (better) {
        walk->best = *failure;
        walk->best_not_exist = not_exist;
        walk->request->entry = walk->at + 1;
    }
    if (direct) {
        walk->rank = WALK_DIRECT;
    } else if (better && !not_exist) {
        walk->rank = WALK_PROXY;
    }
}

static void end_badly(struct walk *walk)
{
    struct proxy_request *request = walk->request;
    walk->over = true;
    request->error = walk->best;
    if (!walk->refused) {
        request->error.code = ERROR_ABSENT;
    } else if (walk->best.code == ERROR_ABSENT) {
        request->error.code = ERROR_NETWORK;
    }
}

/* Leaves nothing of what a failed entry sent. */
static bool wipe(struct proxy_request *request, struct error *err)
{
    if (request->resume != NULL) {
        *request->resume = (struct proxy_resume){0};
    }
    if (request->fd < 0) {
        buffer_clear(request->body);
        return true;
    }
    return ftruncate(request->fd, 0) == 0 ||
           error_errno(err, "cannot empty the file of a download");
}

static void go_on(struct walk *walk, const struct proxy *proxy, const struct error *failure,
                  bool absent)
{
    const struct proxy_entry *entry = &proxy->list.entries[walk->at];
    struct error problem = {0};
    bool further = (absent || entry->on_any_error) && walk->at + 1 < proxy->list.count;
    bool keeps = !further && walk->request->resume != NULL;
    remember(walk, failure, absent, entry->kind == PROXY_DIRECT);
    if (!keeps && !wipe(walk->request, &problem)) {
        walk->best = problem;
        walk->refused = true;
        end_badly(walk);
    } else if (further) {
        walk->at++;
    } else {
        end_badly(walk);
    }
}

static void fail(struct walk *walk, const struct proxy *proxy, const struct transfer *transfer,
                 const struct error *failure)
{
    struct error named = *failure;
    bool absent = failure->code == ERROR_ABSENT;
    walk->request->status = transfer->status;
    walk->refused = walk->refused || !(absent || transfer->status == 403);
    error_prefix(&named, "entry %zu of GOPROXY", walk->at + 1);
    go_on(walk, proxy, &named, absent);
}

/* "direct" says why it does not help, and what the proxies before it answered. */
static void refuse_direct(struct walk *walk, const struct proxy *proxy, const char *where)
{
    struct error failure = {0};
    error_set(&failure, ERROR_ABSENT, "%s%s%s needs version control, which reproof never runs",
              walk->best.message, walk->best.message[0] == '\0' ? "" : "; ", where);
    error_cure(&failure,
               "give the source with --source DIR, or set GOPROXY to a proxy that has it");
    go_on(walk, proxy, &failure, true);
}

static void refuse_off(struct walk *walk, const struct proxy *proxy)
{
    struct error failure = {0};
    error_set(&failure, ERROR_ABSENT, "%s%sentry %zu of GOPROXY is \"off\"", walk->best.message,
              walk->best.message[0] == '\0' ? "" : "; ", walk->at + 1);
    go_on(walk, proxy, &failure, true);
}

/* Asks what needs no network, until an entry does. */
static void advance(struct round *round, struct walk *walk)
{
    while (!walk->over) {
        const struct proxy_entry *entry = &round->proxy->list.entries[walk->at];
        struct transfer transfer = transfer_of(walk->request);
        if (entry->kind == PROXY_OFF) {
            refuse_off(walk, round->proxy);
        } else if (entry->kind == PROXY_DIRECT) {
            char name[64];
            snprintf(name, sizeof(name), "entry %zu of GOPROXY is \"direct\", which", walk->at + 1);
            refuse_direct(walk, round->proxy, name);
        } else if (entry->place.directory[0] == '\0') {
            return;
        } else {
            struct error err = {0};
            transfer.received = 0;
            if (walk->request->resume == NULL || wipe(walk->request, &transfer.error)) {
                place_copy(&entry->place, walk->request->suffix, &transfer);
            }
            err = transfer.error;
            const struct proxy_request *request = walk->request;
            bool ok = transfer.ok &&
                      (request->accept == NULL ||
                       request->accept(request->context, buffer_view(request->body), &err));
            if (ok) {
                end_well(walk, &transfer);
            } else {
                fail(walk, round->proxy, &transfer, &err);
            }
        }
    }
}

/* Lists what to ask over the network. */
static void gather(struct round *round, struct arena *arena)
{
    round->asking_count = 0;
    round->before = 0;
    for (size_t i = 0; i < round->count; i++) {
        struct walk *walk = &round->walks[i];
        advance(round, walk);
        while (!walk->over) {
            struct transfer transfer = transfer_of(walk->request);
            struct error err;
            const struct fetch_place *place = &round->proxy->list.entries[walk->at].place;
            if (place_address(place, walk->request->suffix, arena, &transfer, &err)) {
                round->transfers[round->asking_count] = transfer;
                round->asking[round->asking_count++] = i;
                break;
            }
            fail(walk, round->proxy, &transfer, &err);
            advance(round, walk);
        }
        round->before += walk->over && walk->request->ok ? walk->request->size : 0;
    }
}

static void judge(struct round *round, struct walk *walk, const struct transfer *transfer)
{
    const struct proxy_request *request = walk->request;
    struct error err = transfer->error;
    if (transfer->ok && (request->accept == NULL ||
                         request->accept(request->context, buffer_view(request->body), &err))) {
        end_well(walk, transfer);
    } else {
        fail(walk, round->proxy, transfer, &err);
    }
}

static void tell_progress(void *context, const struct transfer *transfers, size_t count)
{
    const struct round *round = context;
    uint64_t done = round->before, total = round->before;
    for (size_t i = 0; i < count; i++) {
        done += transfers[i].received;
        note_resume(round->walks[round->asking[i]].request, &transfers[i]);
        total +=
            transfers[i].total > transfers[i].received ? transfers[i].total : transfers[i].received;
    }
    round->progress(round->context, done, total);
}

static bool run_round(struct round *round, struct error *err)
{
    if (!transport_run(round->proxy->transport, round->transfers, round->asking_count,
                       round->progress == NULL ? NULL : tell_progress, round, err)) {
        return false;
    }
    for (size_t i = 0; i < round->asking_count; i++) {
        note_resume(round->walks[round->asking[i]].request, &round->transfers[i]);
        judge(round, &round->walks[round->asking[i]], &round->transfers[i]);
    }
    return true;
}

/* Modules that GONOPROXY names have no proxy at all; a list that is only "direct" says it itself.
 */
static void refuse_private(struct proxy *proxy, struct walk *walk)
{
    const char *module = walk->request->module;
    if (module != NULL && module_patterns_match(proxy->settings.gonoproxy, module)) {
        refuse_direct(walk, proxy, "GONOPROXY (or GOPRIVATE) names the module: it");
        walk->request->entry = 0;
        end_badly(walk);
    }
}

bool walk_all(struct proxy *proxy, struct walk *walks, size_t count, proxy_progress *progress,
              void *context, struct error *err)
{
    AUTO(arena) struct arena arena = {0};
    struct round round = {
        .proxy = proxy,
        .walks = walks,
        .count = count,
        .transfers = ARENA_ARRAY(&arena, count, struct transfer),
        .asking = ARENA_ARRAY(&arena, count, size_t),
        .progress = progress,
        .context = context,
    };
    for (size_t i = 0; i < count; i++) {
        refuse_private(proxy, &walks[i]);
    }
    do {
        gather(&round, &arena);
        if (!run_round(&round, err)) {
            return false;
        }
    } while (round.asking_count > 0);
    return true;
}
