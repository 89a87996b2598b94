/* What the parts of the transport share: the helper's process (transport_helper.c), one transfer
 * under way (transport_flight.c), the loop over all (transport.c). */
#pragma once

#include "base/process.h"
#include "verifier/fetch/transport.h"
#include "verifier/fetch/transport_frames.h"

/* reproof-fetch, running or not. */
struct helper_process {
    struct process process;
    int channel; /* -1: not running */
};

/* Starts it unless it runs. */
CHECKED bool helper_start(struct helper_process *helper, const struct transport_settings *settings,
                          struct error *err);
void helper_stop(struct helper_process *helper);

enum helper_sent { HELPER_SENT, HELPER_BUSY, HELPER_GONE };
/* Sends REQUEST with the descriptor OUT beside it, without waiting. */
enum helper_sent helper_send(struct helper_process *helper, const struct frame_request *request,
                             int out);

enum helper_got { HELPER_FRAME, HELPER_NOTHING, HELPER_END };
/* Takes one frame that waits; RET has FRAME_MAXIMUM bytes. */
enum helper_got helper_receive(struct helper_process *helper, uint8_t *ret, size_t *ret_len);

/* How the helper ended, as an error; it must have closed its channel. */
bool helper_epitaph(struct helper_process *helper, struct error *err);

/* One transfer under way, in the slot that it keeps over all its tries. */
struct flight {
    struct transfer *transfer; /* NULL: the slot is free */
    uint32_t id;
    int pipe; /* the body comes out here; -1: not asked for yet, or all read */
    bool asked, started, ended;
    unsigned tries;
    int64_t not_before, deadline; /* in milliseconds of clock_ms */
    uint64_t asked_offset;
    uint64_t got; /* bytes of this try */
    enum frame_outcome outcome;
    uint64_t written; /* as the helper counts them */
    char reason[FRAME_REASON_MAXIMUM + 1];
    struct error failure; /* of ours: what came cannot be kept */
};

/* False: START or DONE make no sense here; the helper misbehaves. */
CHECKED bool flight_start(struct flight *flight, const struct frame_start *start);
CHECKED bool flight_done(struct flight *flight, const struct frame_done *done);

/* Takes what waits in the pipe. BUFFER of BUFFER_LEN bytes is scratch. False as above. */
CHECKED bool flight_read(struct flight *flight, uint8_t *buffer, size_t buffer_len);

/* True once everything of this try is here. */
bool flight_is_over(const struct flight *flight);

/* After the end of a try: leaves the slot free and the transfer with its result, or makes it ready
 * for another try. */
void flight_land(struct flight *flight, const struct transport_settings *settings);
