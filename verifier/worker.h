/* A confined process that does one kind of work on the files it is handed.
 *
 * It serves any number of requests. Each is some open files, and its answer is flat bytes, of which
 * the side that asked trusts nothing. A crash or a limit ends the process and is an error of that
 * request alone; the next one gets a new process. */
#pragma once

#include "base/buffer.h"
#include "base/error.h"

/* The most files of one request. */
#define WORKER_FILES 16

struct worker_spec {
    /* Writes the answer about COUNT files into OUT; runs in the confined process. UNCONFINED is not
     * NULL if that could not be confined: then no byte may be looked at. Past the maximum of OUT
     * the asking side gets ERROR_LIMIT. */
    void (*work)(const void *context, const int *fds, size_t count, const struct error *unconfined,
                 struct buffer *out);
    const void *context;   /* borrowed */
    size_t answer_maximum; /* bytes */
    unsigned seconds;      /* for a request, and one more for each LIMIT_INSPECT_RATE bytes */
    bool libraries; /* the work computes digests, or translates headers (libcrypto, libelf) */
};

struct worker;

CHECKED bool worker_open(const struct worker_spec *spec, struct worker **ret, struct error *err);
void worker_free(struct worker **worker);

/* Hands COUNT (1 to WORKER_FILES) files over, regular ones or sockets, and receives the answer into
 * RET, which buffer_free takes. Several requests may be under way; their answers are received in
 * the order in which they were sent. ERROR_FORMAT if the process died: of these files, or of those
 * of an earlier request, and then these are worth another try. */
struct worker_request {
    uint64_t number;
    int64_t seconds; /* how long its answer may take, once it is waited for */
};
CHECKED bool worker_send(struct worker *worker, const int *fds, size_t count,
                         struct worker_request *ret, struct error *err);
CHECKED bool worker_receive(struct worker *worker, const struct worker_request *request,
                            struct buffer *ret, struct error *err);

/* Both at once. */
CHECKED bool worker_run(struct worker *worker, const int *fds, size_t count, struct buffer *ret,
                        struct error *err);

/* The process ends by itself once it has answered what was sent, while its answers are looked at. A
 * request after all gets another. */
void worker_end(struct worker *worker);

/* Ends the process: its answer made no sense. */
void worker_distrust(struct worker *worker);

/* From now on the work needs them. A process cannot load a library once it is confined: one that
 * was started without is ended, and the next request starts another. */
void worker_want_libraries(struct worker *worker);
