// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/limits.h"
#include "verifier/fetch/transport_internal.h"

/* One piece read from a pipe, and what the pipe of a download holds. */
#define PIECE_BYTES (256 * KIB)
#define PIPE_BYTES (1 * MIB)
/* The helper keeps its own time; past this it must be stuck. */
#define GRACE_MS 15000
/* Descriptors for all else; a transfer takes one here, and in the helper a pipe and a socket. */
#define DESCRIPTORS_SPARE 32
#define PROGRESS_MS 100

struct transport {
    struct arena arena;
    struct transport_settings settings;
    struct helper_process helper;
    uint32_t last_id;
    struct flight *slots;  /* settings.parallel of them */
    struct pollfd *polled; /* two more than that */
    uint8_t *piece;
};

/* One call of transport_run. */
struct run {
    struct transport *transport;
    struct transfer *transfers;
    size_t count, next; /* those before NEXT have a slot, or had one */
    size_t live;
    transport_progress *progress;
    void *context;
    int64_t last_progress;
};

static unsigned or_default(unsigned value, unsigned standard)
{
    return value == 0 ? standard : value;
}

static unsigned affordable(unsigned parallel)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
        limit.rlim_cur >= 2 * (rlim_t)parallel + DESCRIPTORS_SPARE) {
        return parallel;
    }
    return limit.rlim_cur > DESCRIPTORS_SPARE + 1
               ? (unsigned)(limit.rlim_cur - DESCRIPTORS_SPARE) / 2
               : 1;
}

static const char *const *copy_environment(const char *const *environment, struct arena *arena)
{
    size_t count = 0;
    while (environment != NULL && environment[count] != NULL) {
        count++;
    }
    const char **copy = ARENA_ARRAY(arena, count + 1, const char *);
    for (size_t i = 0; i < count; i++) {
        copy[i] = arena_string(arena, environment[i]);
    }
    return copy;
}

static void fill_settings(struct transport *transport, const struct transport_settings *asked)
{
    struct transport_settings *settings = &transport->settings;
    *settings = (struct transport_settings){
        .helper = asked->helper == NULL ? NULL : arena_string(&transport->arena, asked->helper),
        .environment = copy_environment(asked->environment, &transport->arena),
        .parallel = affordable(or_default(asked->parallel, LIMIT_FETCH_PARALLEL)),
        .tries = or_default(asked->tries, LIMIT_FETCH_TRIES),
        .pause_ms = or_default(asked->pause_ms, 500),
        .connect_ms = or_default(asked->connect_ms, LIMIT_FETCH_CONNECT_MS),
        .stall_ms = or_default(asked->stall_ms, LIMIT_FETCH_STALL_MS),
        .small_ms = or_default(asked->small_ms, LIMIT_FETCH_SMALL_MS),
        .large_ms = or_default(asked->large_ms, LIMIT_FETCH_LARGE_MS),
    };
}

bool transport_open(const struct transport_settings *settings, struct transport **ret,
                    struct error *err)
{
    struct transport *transport = calloc(1, sizeof(*transport));
    if (transport == NULL) {
        return error_set(err, ERROR_INTERNAL, "out of memory");
    }
    transport->helper.channel = -1;
    fill_settings(transport, settings);
    size_t parallel = transport->settings.parallel;
    transport->slots = ARENA_ARRAY(&transport->arena, parallel, struct flight);
    transport->polled = ARENA_ARRAY(&transport->arena, parallel + 2, struct pollfd);
    transport->piece = arena_alloc(&transport->arena, PIECE_BYTES);
    *ret = transport;
    return true;
}

void transport_free(struct transport **transport)
{
    if (*transport != NULL) {
        helper_stop(&(*transport)->helper);
        arena_free(&(*transport)->arena);
        free(*transport);
        *transport = NULL;
    }
}

static void prepare(struct transfer *transfer)
{
    transfer->ok = false;
    transfer->total = 0;
    transfer->status = 0;
    transfer->error = (struct error){0};
}

/* A pipe for the body; its end with the helper blocks, ours does not. */
static bool make_pipe(bool large, int *ret_read, int *ret_write)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    if (large) {
        (void)fcntl(ends[1], F_SETPIPE_SZ, (int)PIPE_BYTES);
    }
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        close(ends[0]);
        close(ends[1]);
        return false;
    }
    *ret_read = ends[0];
    *ret_write = ends[1];
    return true;
}

static struct frame_request request_of(struct transport *transport, const struct flight *flight)
{
    const struct transport_settings *settings = &transport->settings;
    const struct transfer *transfer = flight->transfer;
    return (struct frame_request){
        .id = flight->id,
        .maximum = transfer->maximum,
        .offset = flight->asked_offset,
        .connect_ms = settings->connect_ms,
        .stall_ms = settings->stall_ms,
        .total_ms = transfer->large ? settings->large_ms : settings->small_ms,
        .allow_http = transfer->allow_http,
        .url = bytes_from_string(transfer->url),
        .etag = flight->asked_offset > 0 ? bytes_from_string(transfer->etag) : (struct bytes){0},
    };
}

static bool any_asked(const struct transport *transport)
{
    for (size_t i = 0; i < transport->settings.parallel; i++) {
        if (transport->slots[i].transfer != NULL && transport->slots[i].asked) {
            return true;
        }
    }
    return false;
}

/* Asks the helper for FLIGHT's body; what cannot be had right now is put off a little. */
static bool ask(struct run *run, struct flight *flight, struct error *err)
{
    struct transport *transport = run->transport;
    const struct transfer *transfer = flight->transfer;
    AUTO_FD int read_end = -1;
    AUTO_FD int write_end = -1;
    flight->not_before = clock_ms() + 20;
    if (!make_pipe(transfer->large, &read_end, &write_end)) {
        bool wait = (errno == EMFILE || errno == ENFILE) && any_asked(transport);
        return wait || error_errno(err, "cannot make a pipe for a transfer");
    }
    flight->id = ++transport->last_id;
    flight->asked_offset = transfer->etag[0] == '\0' ? 0 : transfer->received;
    struct frame_request request = request_of(transport, flight);
    switch (helper_send(&transport->helper, &request, write_end)) {
    case HELPER_BUSY:
        return true;
    case HELPER_GONE:
        return helper_epitaph(&transport->helper, err);
    case HELPER_SENT:
        break;
    }
    flight->asked = true;
    flight->tries++;
    flight->pipe = fd_steal(&read_end);
    flight->deadline = clock_ms() + request.total_ms + GRACE_MS;
    return true;
}

/* What no server could answer is refused before anybody is asked. */
static bool is_askable(struct transfer *transfer)
{
    if (strlen(transfer->url) <= FRAME_URL_MAXIMUM) {
        return true;
    }
    return error_set(&transfer->error, ERROR_LIMIT, "a URL of %zu bytes", strlen(transfer->url));
}

/* Gives free slots to transfers that wait. */
static void board(struct run *run)
{
    struct transport *transport = run->transport;
    for (size_t i = 0; i < transport->settings.parallel && run->next < run->count; i++) {
        while (transport->slots[i].transfer == NULL && run->next < run->count) {
            struct transfer *transfer = &run->transfers[run->next++];
            if (is_askable(transfer)) {
                transport->slots[i] = (struct flight){.transfer = transfer, .pipe = -1};
                run->live++;
            }
        }
    }
}

static bool ask_all(struct run *run, struct error *err)
{
    int64_t now = clock_ms();
    for (size_t i = 0; i < run->transport->settings.parallel; i++) {
        struct flight *flight = &run->transport->slots[i];
        if (flight->transfer != NULL && !flight->asked && flight->not_before <= now &&
            !ask(run, flight, err)) {
            return false;
        }
    }
    return true;
}

static struct flight *find_flight(struct transport *transport, uint32_t id)
{
    for (size_t i = 0; i < transport->settings.parallel; i++) {
        struct flight *flight = &transport->slots[i];
        if (flight->transfer != NULL && flight->asked && flight->id == id) {
            return flight;
        }
    }
    return NULL;
}

static bool misbehaved(struct error *err)
{
    return error_set(err, ERROR_TOOL, "reproof-fetch sent something that makes no sense");
}

static bool take_frame(struct transport *transport, struct bytes frame, struct error *err)
{
    struct frame_start start;
    struct frame_done done;
    struct bytes reason;
    struct flight *flight;
    if (frame_read_start(frame, &start)) {
        flight = find_flight(transport, start.id);
        return (flight != NULL && flight_start(flight, &start)) || misbehaved(err);
    }
    if (frame_read_done(frame, &done)) {
        flight = find_flight(transport, done.id);
        return (flight != NULL && flight_done(flight, &done)) || misbehaved(err);
    }
    if (frame_read_failed(frame, &reason)) {
        return error_set(err, ERROR_TOOL, "reproof-fetch: %.*s", (int)reason.len,
                         (const char *)reason.data);
    }
    return misbehaved(err);
}

static bool take_frames(struct transport *transport, struct error *err)
{
    for (;;) {
        uint8_t frame[FRAME_MAXIMUM];
        size_t len;
        switch (helper_receive(&transport->helper, frame, &len)) {
        case HELPER_NOTHING:
            return true;
        case HELPER_END:
            return helper_epitaph(&transport->helper, err);
        case HELPER_FRAME:
            if (!take_frame(transport, bytes_from(frame, len), err)) {
                return false;
            }
        }
    }
}

/* How long the wait may last: until the next try, the next progress, or the first deadline. */
static int wait_ms(const struct run *run)
{
    int64_t now = clock_ms();
    int64_t until = run->progress == NULL ? now + 10000 : now + PROGRESS_MS;
    for (size_t i = 0; i < run->transport->settings.parallel; i++) {
        const struct flight *flight = &run->transport->slots[i];
        int64_t own = flight->asked ? flight->deadline : flight->not_before;
        if (flight->transfer != NULL && own < until) {
            until = own;
        }
    }
    return until <= now ? 0 : (int)(until - now);
}

/* Waits for the helper, a signal, or a body. A pipe is looked at only once its START has come. */
static bool wait_for_news(struct run *run, struct error *err)
{
    struct transport *transport = run->transport;
    size_t parallel = transport->settings.parallel;
    for (size_t i = 0; i < parallel; i++) {
        const struct flight *flight = &transport->slots[i];
        bool wanted = flight->transfer != NULL && flight->started;
        transport->polled[i] = (struct pollfd){.fd = wanted ? flight->pipe : -1, .events = POLLIN};
    }
    transport->polled[parallel] = (struct pollfd){transport->helper.channel, POLLIN, 0};
    transport->polled[parallel + 1] = (struct pollfd){interrupt_fd(), POLLIN, 0};
    if (poll(transport->polled, parallel + 2, wait_ms(run)) < 0 && errno != EINTR) {
        return error_errno(err, "cannot wait for reproof-fetch");
    }
    return interrupt_check(err);
}

static bool read_bodies(struct run *run, struct error *err)
{
    struct transport *transport = run->transport;
    for (size_t i = 0; i < transport->settings.parallel; i++) {
        if (transport->polled[i].fd >= 0 && transport->polled[i].revents != 0 &&
            !flight_read(&transport->slots[i], transport->piece, PIECE_BYTES)) {
            return error_errno(err, "cannot read from reproof-fetch");
        }
    }
    return true;
}

static bool land_all(struct run *run, struct error *err)
{
    struct transport *transport = run->transport;
    int64_t now = clock_ms();
    for (size_t i = 0; i < transport->settings.parallel; i++) {
        struct flight *flight = &transport->slots[i];
        if (flight->transfer == NULL || !flight->asked) {
            continue;
        }
        if (!flight_is_over(flight)) {
            if (now > flight->deadline) {
                return error_set(err, ERROR_TOOL, "reproof-fetch does not answer");
            }
            continue;
        }
        if (flight->failure.code == ERROR_NONE && flight->outcome == OUTCOME_OK &&
            flight->got != flight->written) {
            return misbehaved(err);
        }
        flight_land(flight, &transport->settings);
        run->live -= flight->transfer == NULL ? 1 : 0;
    }
    return true;
}

static void tell_progress(struct run *run)
{
    int64_t now = clock_ms();
    if (run->progress != NULL && now - run->last_progress >= PROGRESS_MS) {
        run->last_progress = now;
        run->progress(run->context, run->transfers, run->count);
    }
}

static bool fly(struct run *run, struct error *err)
{
    struct transport *transport = run->transport;
    for (;;) {
        board(run);
        if (run->live == 0) {
            return true;
        }
        if (!ask_all(run, err) || !wait_for_news(run, err) ||
            (transport->polled[transport->settings.parallel].revents != 0 &&
             !take_frames(transport, err)) ||
            !read_bodies(run, err) || !land_all(run, err)) {
            return false;
        }
        tell_progress(run);
    }
}

/* The helper goes too: what it still does belongs to nobody. */
static void crash(struct run *run, const struct error *err)
{
    struct transport *transport = run->transport;
    helper_stop(&transport->helper);
    for (size_t i = 0; i < transport->settings.parallel; i++) {
        fd_close(&transport->slots[i].pipe);
        transport->slots[i] = (struct flight){.pipe = -1};
    }
    for (size_t i = 0; i < run->count; i++) {
        if (!run->transfers[i].ok && run->transfers[i].error.code == ERROR_NONE) {
            run->transfers[i].error = *err;
        }
    }
}

bool transport_run(struct transport *transport, struct transfer *transfers, size_t count,
                   transport_progress *progress, void *context, struct error *err)
{
    struct run run = {
        .transport = transport,
        .transfers = transfers,
        .count = count,
        .progress = progress,
        .context = context,
    };
    struct error problem = {0};
    for (size_t i = 0; i < count; i++) {
        prepare(&transfers[i]);
    }
    if (count == 0) {
        return true;
    }
    if (interrupt_check(&problem) &&
        helper_start(&transport->helper, &transport->settings, &problem) && fly(&run, &problem)) {
        return true;
    }
    crash(&run, &problem);
    return error_pass(err, &problem);
}

void transport_show_url(const char *url, char *ret, size_t ret_len)
{
    struct buffer shown;
    buffer_init(&shown, ret_len - 1);
    const char *host = strstr(url, "://");
    host = host == NULL ? url : host + 3;
    size_t host_len = strcspn(host, "/?#");
    const char *at = memrchr(host, '@', host_len);
    const char *from = at == NULL ? host : at + 1;
    size_t len = strcspn(host, "?#") - (size_t)(from - host);
    size_t scheme = (size_t)(host - url);
    buffer_append(&shown, bytes_from(url, scheme));
    size_t left = ret_len - 1 > shown.len ? ret_len - 1 - shown.len : 0;
    buffer_append(&shown, bytes_from(from, len < left ? len : left));
    memcpy(ret, buffer_cstring(&shown), shown.len + 1);
    buffer_free(&shown);
}
