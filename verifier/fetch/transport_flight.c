// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/transport_internal.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "verifier/fetch/http_headers.h"

/* Drops what came so far. */
static bool begin_anew(struct transfer *transfer, struct error *err)
{
    transfer->received = 0;
    transfer->etag[0] = '\0';
    if (transfer->fd < 0) {
        buffer_clear(transfer->body);
        return true;
    }
    if (ftruncate(transfer->fd, 0) != 0) {
        return error_errno(err, "cannot empty the file of a download");
    }
    return true;
}

/* What came cannot be kept: the helper notices by the closed pipe. */
static void give_up(struct flight *flight)
{
    fd_close(&flight->pipe);
}

bool flight_start(struct flight *flight, const struct frame_start *start)
{
    struct transfer *transfer = flight->transfer;
    if (flight->started || flight->ended || (start->resumed && flight->asked_offset == 0)) {
        return false;
    }
    flight->started = true;
    if (!start->resumed && !begin_anew(transfer, &flight->failure)) {
        give_up(flight);
        return true;
    }
    memcpy(transfer->etag, start->etag.data, start->etag.len);
    transfer->etag[start->etag.len] = '\0';
    transfer->total = start->total == FRAME_NO_TOTAL ? 0 : start->total + transfer->received;
    return true;
}

bool flight_done(struct flight *flight, const struct frame_done *done)
{
    if (flight->ended || (done->outcome == OUTCOME_OK && !flight->started)) {
        return false;
    }
    flight->ended = true;
    flight->outcome = done->outcome;
    flight->written = done->written;
    flight->transfer->status = done->status;
    memcpy(flight->reason, done->reason.data, done->reason.len);
    flight->reason[done->reason.len] = '\0';
    if (!flight->started) {
        fd_close(&flight->pipe);
    }
    return true;
}

static bool write_at(int fd, uint64_t offset, struct bytes bytes, struct error *err)
{
    while (bytes.len > 0) {
        ssize_t written = pwrite(fd, bytes.data, bytes.len, (off_t)offset);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return error_errno(err, "cannot write a download");
        }
        offset += (uint64_t)written;
        bytes = bytes_from(bytes.data + written, bytes.len - (size_t)written);
    }
    return true;
}

static bool keep(struct transfer *transfer, struct bytes bytes, struct error *err)
{
    if (bytes.len > transfer->maximum - transfer->received) {
        return error_set(err, ERROR_LIMIT, "more than the limit of %llu bytes",
                         (unsigned long long)transfer->maximum);
    }
    if (transfer->fd >= 0) {
        if (!write_at(transfer->fd, transfer->received, bytes, err)) {
            return false;
        }
    } else {
        buffer_append(transfer->body, bytes);
        if (!buffer_ok(transfer->body)) {
            return error_set(err, ERROR_LIMIT, "more than fits the buffer");
        }
    }
    transfer->received += bytes.len;
    return true;
}

bool flight_read(struct flight *flight, uint8_t *buffer, size_t buffer_len)
{
    ssize_t got = read(flight->pipe, buffer, buffer_len);
    if (got < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    if (got == 0) {
        fd_close(&flight->pipe);
        return true;
    }
    flight->got += (uint64_t)got;
    if (!keep(flight->transfer, bytes_from(buffer, (size_t)got), &flight->failure)) {
        give_up(flight);
    }
    return true;
}

bool flight_is_over(const struct flight *flight)
{
    return flight->ended && flight->pipe < 0;
}

static bool is_passing_status(unsigned status)
{
    return status == 429 || status == 502 || status == 503 || status == 504;
}

/* Whether another try may help; sets what it begins with. */
static bool try_again(struct flight *flight, const struct transport_settings *settings)
{
    struct transfer *transfer = flight->transfer;
    bool stale =
        flight->outcome == OUTCOME_RANGE ||
        (flight->outcome == OUTCOME_STATUS && transfer->status == 416 && flight->asked_offset > 0);
    bool passing = flight->outcome == OUTCOME_BROKEN ||
                   (flight->outcome == OUTCOME_STATUS && is_passing_status(transfer->status));
    if (flight->tries >= settings->tries || (!stale && !passing)) {
        return false;
    }
    if ((stale || transfer->etag[0] == '\0' || transfer->received == 0) &&
        !begin_anew(transfer, &flight->failure)) {
        return false;
    }
    return true;
}

static enum error_code code_of(const struct flight *flight)
{
    if (flight->outcome == OUTCOME_LIMIT) {
        return ERROR_LIMIT;
    }
    unsigned status = flight->transfer->status;
    bool absent = flight->outcome == OUTCOME_STATUS && (status == 404 || status == 410);
    return absent ? ERROR_ABSENT : ERROR_NETWORK;
}

static void describe(const struct flight *flight, const char *url, struct error *ret)
{
    const struct transfer *transfer = flight->transfer;
    const char *phrase = http_status_phrase(transfer->status);
    if (flight->outcome == OUTCOME_STATUS) {
        error_set(ret, code_of(flight), "%s: %u%s%s%s%s", url, transfer->status,
                  phrase[0] == '\0' ? "" : " ", phrase, flight->reason[0] == '\0' ? "" : ": ",
                  flight->reason);
        return;
    }
    error_set(ret, code_of(flight), "%s: %s", url, flight->reason);
    if (flight->outcome == OUTCOME_TRUST) {
        error_cure(ret, "name the file with your certificates in SSL_CERT_FILE");
    }
}

static void conclude(struct flight *flight)
{
    struct transfer *transfer = flight->transfer;
    char url[512];
    transport_show_url(transfer->url, url, sizeof(url));
    if (flight->failure.code != ERROR_NONE) {
        transfer->error = flight->failure;
        error_prefix(&transfer->error, "%s", url);
    } else if (flight->outcome == OUTCOME_OK) {
        transfer->ok = true;
    } else {
        describe(flight, url, &transfer->error);
    }
}

void flight_land(struct flight *flight, const struct transport_settings *settings)
{
    if (flight->failure.code == ERROR_NONE && try_again(flight, settings)) {
        unsigned pause = settings->pause_ms << (flight->tries - 1);
        bool stale = flight->outcome == OUTCOME_RANGE || flight->transfer->status == 416;
        *flight = (struct flight){
            .transfer = flight->transfer,
            .pipe = -1,
            .tries = flight->tries,
            .not_before = clock_ms() + (stale ? 0 : pause),
        };
        return;
    }
    conclude(flight);
    *flight = (struct flight){.pipe = -1};
}
