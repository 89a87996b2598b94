// SPDX-License-Identifier: Apache-2.0
#include "verifier/inspect_worker.h"

#include <errno.h>
#include <fcntl.h>
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
#include "verifier/image/image_fat.h"

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

struct inspector {
    inspect_work work;
    bool with_digest;
    unsigned seconds;
    pid_t pid;  /* 0: none runs */
    int socket; /* -1: none runs */
};

/* The child's side. */

static void inspect_whole(const struct source *source, bool with_digest, struct arena *arena,
                          struct inspect_record *record)
{
    record->files = ARENA_NEW(arena, struct inspection);
    record->file_count = 1;
    record->ok = inspect_source(source, with_digest, arena, record->files, &record->error);
}

/* Each slice goes by its architecture; the parent puts the file's name before it. */
static void inspect_slices(const struct source *source, bool with_digest, struct arena *arena,
                           struct inspect_record *record)
{
    struct fat_slice *slices;
    if (!fat_open(source, arena, &slices, &record->file_count, &record->error)) {
        return;
    }
    record->files = ARENA_ARRAY(arena, record->file_count, struct inspection);
    for (size_t i = 0; i < record->file_count; i++) {
        struct inspection *file = &record->files[i];
        if (!inspect_source(&slices[i].source, with_digest, arena, file, &record->error)) {
            error_prefix(&record->error, "slice %zu (%s)", i, slices[i].goarch);
            return;
        }
        file->slice_offset = slices[i].offset;
        file->name =
            slices[i].goarch[0] == '\0' ? arena_printf(arena, "slice %zu", i) : slices[i].goarch;
    }
    record->ok = true;
}

static void inspect_file(int fd, bool with_digest, struct arena *arena,
                         struct inspect_record *record)
{
    struct source source;
    if (!source_from_fd(fd, &source, &record->error)) {
        return;
    }
    if (fat_detect(&source)) {
        inspect_slices(&source, with_digest, arena, record);
    } else {
        inspect_whole(&source, with_digest, arena, record);
    }
}

/* The next file to look at; false once the parent is gone. */
static bool receive_file(int *ret)
{
    uint8_t byte;
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    union {
        struct cmsghdr header;
        uint8_t room[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof(control.room)};
    ssize_t got;
    do {
        got = recvmsg(CHILD_SOCKET, &message, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (got != 1 || header == NULL || header->cmsg_type != SCM_RIGHTS) {
        return false;
    }
    memcpy(ret, CMSG_DATA(header), sizeof(*ret));
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

/* The answer in one piece, its length first. */
static void encode_answer(const struct inspect_record *record, struct buffer *out)
{
    AUTO(buffer) struct buffer body;
    buffer_init(&body, LIMIT_INSPECT_RECORD);
    inspect_record_encode(record, &body);
    if (!buffer_ok(&body)) {
        struct inspect_record instead = {0};
        error_set(&instead.error, ERROR_LIMIT, "what the file says takes more than %llu bytes",
                  LIMIT_INSPECT_RECORD);
        buffer_clear(&body);
        inspect_record_encode(&instead, &body);
    }
    buffer_u32(out, (uint32_t)body.len);
    buffer_append(out, buffer_view(&body));
}

static bool send_record(const struct inspect_record *record)
{
    AUTO(buffer) struct buffer out;
    buffer_init(&out, LENGTH_LEN + LIMIT_INSPECT_RECORD);
    encode_answer(record, &out);
    return buffer_ok(&out) && send_all(CHILD_SOCKET, out.data, out.len);
}

static void serve(const struct inspector *inspector, const struct error *unconfined)
{
    int fd;
    while (receive_file(&fd)) {
        struct arena arena = {0};
        struct inspect_record record = {0};
        if (unconfined != NULL) {
            record.error = *unconfined;
        } else {
            inspector->work(fd, inspector->with_digest, &arena, &record);
        }
        bool sent = send_record(&record);
        arena_free(&arena);
        close(fd);
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

static _Noreturn void run_child(const struct inspector *inspector, int socket, pid_t parent)
{
    struct error err;
    reset_signals();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || !drop_descriptors(socket) ||
        !limit_memory()) {
        _exit(1);
    }
    if (inspector->with_digest) {
        /* libcrypto reads its configuration when it is first asked for a digest. */
        struct digest *first = digest_new(DIGEST_SHA256);
        digest_free(&first);
    }
    serve(inspector, confine_parser(&err) ? NULL : &err);
    _exit(0);
}

/* The parent's side. */

static bool start(struct inspector *inspector, struct error *err)
{
    int pair[2];
    pid_t self = getpid();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return error_errno(err, "cannot make a socket for the parser process");
    }
    pid_t pid = fork();
    if (pid == 0) {
        run_child(inspector, pair[1], self);
    }
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return error_errno(err, "cannot start the parser process");
    }
    inspector->pid = pid;
    inspector->socket = pair[0];
    return true;
}

/* Ends the child; returns its status as waitpid gives it. */
static int stop(struct inspector *inspector)
{
    int status = 0;
    fd_close(&inspector->socket);
    if (inspector->pid > 0) {
        kill(inspector->pid, SIGKILL);
        while (waitpid(inspector->pid, &status, 0) < 0 && errno == EINTR) {
        }
    }
    inspector->pid = 0;
    return status;
}

bool inspector_open_with(inspect_work work, bool with_digest, unsigned seconds,
                         struct inspector **ret, struct error *err)
{
    struct inspector *inspector = calloc(1, sizeof(*inspector));
    if (inspector == NULL) {
        bug("out of memory for an inspector");
    }
    *inspector = (struct inspector){
        .work = work, .with_digest = with_digest, .seconds = seconds, .socket = -1};
    if (!start(inspector, err)) {
        inspector_free(&inspector);
        return false;
    }
    *ret = inspector;
    return true;
}

bool inspector_open(bool with_digest, struct inspector **ret, struct error *err)
{
    return inspector_open_with(inspect_file, with_digest, LIMIT_INSPECT_SECONDS, ret, err);
}

void inspector_free(struct inspector **inspector)
{
    if (*inspector != NULL) {
        stop(*inspector);
        free(*inspector);
        *inspector = NULL;
    }
}

static bool send_file(const struct inspector *inspector, int fd)
{
    uint8_t byte = 0;
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    union {
        struct cmsghdr header;
        uint8_t room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof(control.room)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    ssize_t sent;
    do {
        sent = sendmsg(inspector->socket, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == 1;
}

/* What it means that the child is gone, or gave no whole answer: about this file, which it was
 * looking at. */
static bool fail_dead(struct inspector *inspector, struct error *err)
{
    int status = stop(inspector);
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL) {
        return error_set(err, ERROR_FORMAT, "the parser process died of signal %d on this file",
                         WTERMSIG(status));
    }
    return error_set(err, ERROR_FORMAT, "the parser process gave up on this file");
}

/* Waits until there is something to read. */
static bool wait_readable(struct inspector *inspector, int64_t deadline, struct error *err)
{
    for (;;) {
        struct pollfd wait[] = {{.fd = inspector->socket, .events = POLLIN},
                                {.fd = interrupt_fd(), .events = POLLIN}};
        int64_t left = deadline - clock_ms();
        if (!interrupt_check(err)) {
            stop(inspector);
            return false;
        }
        if (left <= 0) {
            stop(inspector);
            return error_set(err, ERROR_TIMEOUT, "reading this file took too long");
        }
        int ready = poll(wait, ARRAY_LEN(wait), left < INT32_MAX ? (int)left : INT32_MAX);
        if (ready > 0 && wait[0].revents != 0) {
            return true;
        }
        if (ready < 0 && errno != EINTR) {
            stop(inspector);
            return error_errno(err, "cannot wait for the parser process");
        }
    }
}

/* Appends what there is of the answer to OUT, which grows no faster than it arrives, until it holds
 * LEN bytes. */
static bool receive(struct inspector *inspector, size_t len, int64_t deadline, struct buffer *out,
                    struct error *err)
{
    while (out->len < len) {
        uint8_t *place = buffer_reserve(out, PIECE);
        if (place == NULL) {
            stop(inspector);
            return error_set(err, ERROR_LIMIT, "the parser process answered too much");
        }
        if (!wait_readable(inspector, deadline, err)) {
            return false;
        }
        ssize_t got = recv(inspector->socket, place, PIECE, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (got <= 0) {
            return fail_dead(inspector, err);
        }
        buffer_advance(out, (size_t)got);
    }
    return true;
}

static bool receive_record(struct inspector *inspector, int64_t deadline, struct arena *arena,
                           struct inspect_record *ret, struct error *err)
{
    AUTO(buffer) struct buffer answer;
    uint32_t len;
    buffer_init(&answer, LENGTH_LEN + LIMIT_INSPECT_RECORD + PIECE);
    if (!receive(inspector, LENGTH_LEN, deadline, &answer, err)) {
        return false;
    }
    struct reader reader = reader_over(buffer_view(&answer), LITTLE_ENDIAN_ORDER);
    if (!reader_u32(&reader, &len) || len > LIMIT_INSPECT_RECORD) {
        stop(inspector);
        return error_set(err, ERROR_LIMIT, "the parser process announced too long an answer");
    }
    if (!receive(inspector, LENGTH_LEN + (size_t)len, deadline, &answer, err)) {
        return false;
    }
    struct bytes all = buffer_view(&answer);
    if (!inspect_record_decode(bytes_from(all.data + LENGTH_LEN, all.len - LENGTH_LEN), arena, ret,
                               err)) {
        stop(inspector);
        return false;
    }
    return true;
}

/* Hands FD over. That the child died since its last answer says nothing about this file: once more
 * with a new one. */
static bool hand_over(struct inspector *inspector, int fd, struct error *err)
{
    if (inspector->pid > 0 && send_file(inspector, fd)) {
        return true;
    }
    stop(inspector);
    if (!start(inspector, err)) {
        return false;
    }
    return send_file(inspector, fd) ||
           error_set(err, ERROR_INTERNAL, "the parser process does not start");
}

static void set_names(struct inspect_record *record, const char *name, struct arena *arena)
{
    for (size_t i = 0; i < record->file_count; i++) {
        struct inspection *file = &record->files[i];
        file->name = file->name[0] == '\0' ? arena_string(arena, name)
                                           : arena_printf(arena, "%s (%s)", name, file->name);
    }
}

bool inspector_run(struct inspector *inspector, int fd, const char *name, struct arena *arena,
                   struct inspection **ret, size_t *ret_count, struct error *err)
{
    struct inspect_record record;
    struct source source;
    if (!source_from_fd(fd, &source, err) || !hand_over(inspector, fd, err)) {
        return false;
    }
    uint64_t extra = source.size / LIMIT_INSPECT_RATE;
    int64_t seconds = inspector->seconds + (extra < 1000000 ? (int64_t)extra : 1000000);
    if (!receive_record(inspector, clock_ms() + seconds * 1000, arena, &record, err)) {
        return false;
    }
    if (!record.ok) {
        if (err != NULL) {
            *err = record.error;
        }
        return false;
    }
    set_names(&record, name, arena);
    *ret = record.files;
    *ret_count = record.file_count;
    return true;
}
