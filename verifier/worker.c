// SPDX-License-Identifier: Apache-2.0
#include "verifier/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/confine.h"
#include "base/digest.h"
#include "base/interrupt.h"
#include "base/limits.h"
#include "base/reader.h"
#include "base/source.h"
#include "verifier/image/image_elf_order.h"

#if defined(__SANITIZE_ADDRESS__)
#define LIMITS_MEMORY 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LIMITS_MEMORY 0
#endif
#endif
#ifndef LIMITS_MEMORY
#define LIMITS_MEMORY 1
#endif

/* Where the child has its socket, once everything else is closed. */
#define CHILD_SOCKET 3
#define LENGTH_LEN 4
#define PIECE 65536
#define KEPT_MEMORY (16 << 20)

struct worker {
    struct worker_spec spec;
    pid_t pid;     /* 0: none runs */
    int socket;    /* -1: none runs */
    uint64_t sent; /* requests so far */
    uint64_t lost; /* those up to this one were of processes that are gone */
};

/* The child's side. */

/* A request's files and what is sent with them. */
struct message {
    struct msghdr header;
    struct iovec part;
    uint8_t byte;
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(WORKER_FILES * sizeof(int))];
};

static void message_init(struct message *message)
{
    *message = (struct message){0};
    message->part = (struct iovec){.iov_base = &message->byte, .iov_len = 1};
    message->header = (struct msghdr){.msg_iov = &message->part,
                                      .msg_iovlen = 1,
                                      .msg_control = message->control,
                                      .msg_controllen = sizeof(message->control)};
}

/* The next files to look at; false once the parent is gone. */
static bool receive_files(int ret[WORKER_FILES], size_t *ret_count)
{
    struct message message;
    ssize_t got;
    message_init(&message);
    do {
        got = recvmsg(CHILD_SOCKET, &message.header, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message.header);
    if (got != 1 || header == NULL || header->cmsg_type != SCM_RIGHTS) {
        return false;
    }
    size_t len = header->cmsg_len - CMSG_LEN(0);
    memcpy(ret, CMSG_DATA(header), len);
    *ret_count = len / sizeof(int);
    return true;
}

static bool send_all(int socket, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(socket, data, len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return false;
        }
        data += sent;
        len -= (size_t)sent;
    }
    return true;
}

/* An answer's length goes before it, with it where it is short: each piece may wake the other side.
 */
static bool send_answer(const struct buffer *body)
{
    AUTO(buffer) struct buffer first;
    bool together = buffer_ok(body) && body->len <= PIECE;
    buffer_init(&first, LENGTH_LEN + PIECE);
    buffer_u32(&first, buffer_ok(body) ? (uint32_t)body->len : UINT32_MAX);
    if (together) {
        buffer_append(&first, buffer_view(body));
    }
    return send_all(CHILD_SOCKET, first.data, first.len) &&
           (together || !buffer_ok(body) || send_all(CHILD_SOCKET, body->data, body->len));
}

/* Does the work. An answer that is too long is none, of a length that says so. */
static bool answer(const struct worker *worker, const int *fds, size_t count,
                   const struct error *unconfined)
{
    AUTO(buffer) struct buffer body;
    buffer_init(&body, worker->spec.answer_maximum);
    worker->spec.work(worker->spec.context, fds, count, unconfined, &body);
    return send_answer(&body);
}

static void serve(const struct worker *worker, const struct error *unconfined)
{
    int fds[WORKER_FILES];
    size_t count;
    while (receive_files(fds, &count)) {
        bool sent = answer(worker, fds, count, unconfined);
        for (size_t i = 0; i < count; i++) {
            close(fds[i]);
        }
        if (!sent) {
            return;
        }
    }
}

/* Nothing of the parent's is left open: no terminal to write to, no store, no key. */
static bool drop_descriptors(int socket)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    bool dropped = null >= 0;
    /* Both out of the way of the numbers that they shall get. */
    null = fcntl(null, F_DUPFD, CHILD_SOCKET + 1);
    socket = fcntl(socket, F_DUPFD, CHILD_SOCKET + 1);
    dropped = dropped && null >= 0 && socket >= 0;
    for (int i = 0; i < CHILD_SOCKET; i++) {
        dropped = dropped && dup2(null, i) == i;
    }
    return dropped && dup2(socket, CHILD_SOCKET) == CHILD_SOCKET &&
           syscall(SYS_close_range, CHILD_SOCKET + 1U, ~0U, 0U) == 0;
}

/* An address sanitizer maps terabytes. */
static bool limit_memory(void)
{
    struct rlimit limit = {.rlim_cur = LIMIT_INSPECT_MEMORY, .rlim_max = LIMIT_INSPECT_MEMORY};
    return !LIMITS_MEMORY || setrlimit(RLIMIT_AS, &limit) == 0;
}

static void reset_signals(void)
{
    signal(SIGINT, SIG_IGN); /* the parent is asked by the same key, and ends us */
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
}

/* Memory of one file serves the next: given back, each page of it would be a fault again. */
static void keep_memory(void)
{
    mallopt(M_TRIM_THRESHOLD, KEPT_MEMORY);
}

static _Noreturn void run_child(const struct worker *worker, int socket, pid_t parent)
{
    struct error err;
    reset_signals();
    keep_memory();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || !drop_descriptors(socket) ||
        !limit_memory()) {
        _exit(1);
    }
    if (worker->spec.libraries) {
        image_elf_load();
        /* Loads libcrypto, which reads its configuration when it is first asked for a digest. */
        struct digest *first = digest_new(DIGEST_SHA256);
        digest_free(&first);
    }
    serve(worker, confine_parser(&err) ? NULL : &err);
    _exit(0);
}

/* The parent's side. */

static bool start(struct worker *worker, struct error *err)
{
    int pair[2];
    pid_t self = getpid();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return error_errno(err, "cannot make a socket for the parser process");
    }
    pid_t pid = fork();
    if (pid == 0) {
        run_child(worker, pair[1], self);
    }
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return error_errno(err, "cannot start the parser process");
    }
    worker->pid = pid;
    worker->socket = pair[0];
    return true;
}

void worker_end(struct worker *worker)
{
    if (worker->pid > 0) {
        shutdown(worker->socket, SHUT_WR);
    }
}

/* Ends the child; returns its status as waitpid gives it. */
static int stop(struct worker *worker)
{
    int status = 0;
    fd_close(&worker->socket);
    if (worker->pid > 0) {
        kill(worker->pid, SIGKILL);
        while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR) {
        }
    }
    worker->pid = 0;
    worker->lost = worker->sent;
    return status;
}

bool worker_open(const struct worker_spec *spec, struct worker **ret, struct error *err)
{
    struct worker *worker = calloc(1, sizeof(*worker));
    if (worker == NULL) {
        bug("out of memory for a worker");
    }
    *worker = (struct worker){.spec = *spec, .socket = -1};
    if (!start(worker, err)) {
        worker_free(&worker);
        return false;
    }
    *ret = worker;
    return true;
}

void worker_free(struct worker **worker)
{
    if (*worker != NULL) {
        stop(*worker);
        free(*worker);
        *worker = NULL;
    }
}

void worker_distrust(struct worker *worker)
{
    stop(worker);
}

void worker_want_libraries(struct worker *worker)
{
    if (!worker->spec.libraries) {
        worker->spec.libraries = true;
        stop(worker);
    }
}

static bool send_files(const struct worker *worker, const int *fds, size_t count)
{
    struct message message;
    message_init(&message);
    message.header.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message.header);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), fds, count * sizeof(int));
    ssize_t sent;
    do {
        sent = sendmsg(worker->socket, &message.header, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == 1;
}

/* What it means that the child is gone, or gave no whole answer: about this file, which it was
 * looking at. */
static bool fail_dead(struct worker *worker, struct error *err)
{
    int status = stop(worker);
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL) {
        return error_set(err, ERROR_FORMAT, "the parser process died of signal %d on this file",
                         WTERMSIG(status));
    }
    return error_set(err, ERROR_FORMAT, "the parser process gave up on this file");
}

/* Waits until there is something to read. */
static bool wait_readable(struct worker *worker, int64_t deadline, struct error *err)
{
    for (;;) {
        struct pollfd wait[] = {{.fd = worker->socket, .events = POLLIN},
                                {.fd = interrupt_fd(), .events = POLLIN}};
        int64_t left = deadline - clock_ms();
        if (!interrupt_check(err)) {
            stop(worker);
            return false;
        }
        if (left <= 0) {
            stop(worker);
            return error_set(err, ERROR_TIMEOUT, "reading this file took too long");
        }
        int ready = poll(wait, ARRAY_LEN(wait), left < INT32_MAX ? (int)left : INT32_MAX);
        if (ready > 0 && wait[0].revents != 0) {
            return true;
        }
        if (ready < 0 && errno != EINTR) {
            stop(worker);
            return error_errno(err, "cannot wait for the parser process");
        }
    }
}

/* Appends what there is of the answer to OUT, which grows no faster than it arrives, until it holds
 * LEN bytes. */
static bool receive(struct worker *worker, size_t len, int64_t deadline, struct buffer *out,
                    struct error *err)
{
    while (out->len < len) {
        size_t wanted = len - out->len < PIECE ? len - out->len : PIECE;
        uint8_t *place = buffer_reserve(out, wanted);
        if (place == NULL) {
            stop(worker);
            return error_set(err, ERROR_LIMIT, "the parser process answered too much");
        }
        ssize_t got = recv(worker->socket, place, wanted, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
            if (!wait_readable(worker, deadline, err)) {
                return false;
            }
            continue;
        }
        if (got <= 0) {
            return fail_dead(worker, err);
        }
        buffer_advance(out, (size_t)got);
    }
    return true;
}

static bool receive_answer(struct worker *worker, int64_t deadline, struct buffer *out,
                           struct error *err)
{
    uint8_t raw[LENGTH_LEN];
    uint32_t len = 0;
    AUTO(buffer) struct buffer length;
    buffer_init(&length, LENGTH_LEN);
    if (!receive(worker, LENGTH_LEN, deadline, &length, err)) {
        return false;
    }
    memcpy(raw, length.data, LENGTH_LEN);
    struct reader reader = reader_over(bytes_from(raw, sizeof(raw)), LITTLE_ENDIAN_ORDER);
    if (!reader_u32(&reader, &len) || len > worker->spec.answer_maximum) {
        stop(worker);
        return error_set(err, ERROR_LIMIT,
                         "the parser process announced too long an answer, more than %zu bytes",
                         worker->spec.answer_maximum);
    }
    return receive(worker, len, deadline, out, err);
}

/* Hands the files over. That the child died since its last answer says nothing about these: once
 * more with a new one. */
static bool hand_over(struct worker *worker, const int *fds, size_t count, struct error *err)
{
    if (worker->pid > 0 && send_files(worker, fds, count)) {
        return true;
    }
    stop(worker);
    if (!start(worker, err)) {
        return false;
    }
    return send_files(worker, fds, count) ||
           error_set(err, ERROR_INTERNAL, "the parser process does not start");
}

/* Of the regular files; a socket has no size. */
static uint64_t total_size(const int *fds, size_t count)
{
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        struct source source;
        total += source_from_fd(fds[i], &source, NULL) ? source.size : 0;
    }
    return total;
}

bool worker_send(struct worker *worker, const int *fds, size_t count, struct worker_request *ret,
                 struct error *err)
{
    if (!hand_over(worker, fds, count, err)) {
        return false;
    }
    uint64_t extra = total_size(fds, count) / LIMIT_INSPECT_RATE;
    *ret = (struct worker_request){
        .number = ++worker->sent,
        .seconds = worker->spec.seconds + (extra < 1000000 ? (int64_t)extra : 1000000),
    };
    return true;
}

bool worker_receive(struct worker *worker, const struct worker_request *request, struct buffer *ret,
                    struct error *err)
{
    struct buffer answer;
    if (request->number <= worker->lost) {
        return error_set(err, ERROR_FORMAT, "the parser process gave up before this file");
    }
    buffer_init(&answer, worker->spec.answer_maximum);
    if (!receive_answer(worker, clock_ms() + request->seconds * 1000, &answer, err)) {
        buffer_free(&answer);
        return false;
    }
    *ret = answer;
    return true;
}

bool worker_run(struct worker *worker, const int *fds, size_t count, struct buffer *ret,
                struct error *err)
{
    struct worker_request request;
    return worker_send(worker, fds, count, &request, err) &&
           worker_receive(worker, &request, ret, err);
}
