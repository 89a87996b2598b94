// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/transport_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* Go reads the upper-case name first; libcurl is given the name that it always knows. */
static const struct {
    const char *first, *second, *passed;
} passed_on[] = {
    {"HTTPS_PROXY", "https_proxy", "https_proxy"},
    {"HTTP_PROXY", "http_proxy", "http_proxy"},
    {"NO_PROXY", "no_proxy", "no_proxy"},
    {"SSL_CERT_FILE", NULL, "SSL_CERT_FILE"},
};

static const char *look_up(const char *const *environment, const char *name)
{
    size_t len = name == NULL ? 0 : strlen(name);
    for (size_t i = 0; len > 0 && environment != NULL && environment[i] != NULL; i++) {
        if (strncmp(environment[i], name, len) == 0 && environment[i][len] == '=' &&
            environment[i][len + 1] != '\0') {
            return environment[i] + len + 1;
        }
    }
    return NULL;
}

static const char *const *helper_environment(const char *const *environment, struct arena *arena)
{
    const char **chosen = ARENA_ARRAY(arena, ARRAY_LEN(passed_on) + 1, const char *);
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(passed_on); i++) {
        const char *value = look_up(environment, passed_on[i].first);
        value = value != NULL ? value : look_up(environment, passed_on[i].second);
        if (value != NULL) {
            chosen[count++] = arena_printf(arena, "%s=%s", passed_on[i].passed, value);
        }
    }
    return chosen;
}

static bool launch(const struct transport_settings *settings, int channel, struct process *ret,
                   struct error *err)
{
    AUTO(arena) struct arena arena = {0};
    const char *path = settings->helper;
    if (path == NULL && !process_find_helper("reproof-fetch", &arena, &path, err)) {
        return false;
    }
    const char *const argv[] = {path, arena_printf(&arena, "%d", channel), NULL};
    static const struct process_limit limits[] = {{RLIMIT_CORE, 0}, {RLIMIT_FSIZE, 0}};
    struct process_spec spec = {
        .argv = argv,
        .environment = helper_environment(settings->environment, &arena),
        .stdin_fd = -1,
        .stdout_fd = -1,
        .stderr_fd = -1,
        .descriptors = &channel,
        .descriptor_count = 1,
        .limits = limits,
        .limit_count = ARRAY_LEN(limits),
        .new_session = true, /* Ctrl-C is for us to act on */
    };
    return process_start(&spec, ret, err);
}

bool helper_start(struct helper_process *helper, const struct transport_settings *settings,
                  struct error *err)
{
    if (helper->channel >= 0) {
        return true;
    }
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        return error_errno(err, "cannot make a socket pair for reproof-fetch");
    }
    AUTO_FD int ours = pair[0];
    /* Above the standard three: those are put in place by their numbers. */
    AUTO_FD int theirs = fcntl(pair[1], F_DUPFD_CLOEXEC, 3);
    close(pair[1]);
    if (theirs < 0) {
        return error_errno(err, "cannot make a socket pair for reproof-fetch");
    }
    if (!launch(settings, theirs, &helper->process, err)) {
        return error_prefix(err, "reproof-fetch");
    }
    helper->channel = fd_steal(&ours);
    return true;
}

void helper_stop(struct helper_process *helper)
{
    fd_close(&helper->channel);
    process_free(&helper->process);
}

enum helper_sent helper_send(struct helper_process *helper, const struct frame_request *request,
                             int out)
{
    struct buffer frame;
    buffer_init(&frame, FRAME_MAXIMUM);
    frame_write_request(request, &frame);
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {.iov_base = frame.data, .iov_len = frame.len};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.space,
                             .msg_controllen = sizeof(control.space)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &out, sizeof(int));
    ssize_t sent = sendmsg(helper->channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    bool whole = buffer_ok(&frame) && sent == (ssize_t)frame.len;
    buffer_free(&frame);
    if (whole) {
        return HELPER_SENT;
    }
    /* ETOOMANYREFS: more descriptors under way than the user may have; they get fewer soon. */
    bool later = sent < 0 && (errno == EAGAIN || errno == EINTR || errno == ETOOMANYREFS);
    return later ? HELPER_BUSY : HELPER_GONE;
}

enum helper_got helper_receive(struct helper_process *helper, uint8_t *ret, size_t *ret_len)
{
    struct iovec part = {.iov_base = ret, .iov_len = FRAME_MAXIMUM};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t got = recvmsg(helper->channel, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return HELPER_NOTHING;
    }
    if (got <= 0) {
        return HELPER_END;
    }
    *ret_len = (size_t)got;
    return HELPER_FRAME;
}

bool helper_epitaph(struct helper_process *helper, struct error *err)
{
    int status = 0;
    struct error ignored;
    if (!process_wait(&helper->process, 2000, &status, &ignored)) {
        return error_set(err, ERROR_TOOL, "reproof-fetch closed its channel");
    }
    if (status >= 128) {
        return error_set(err, ERROR_TOOL, "reproof-fetch died of signal %d", status - 128);
    }
    return error_set(err, ERROR_TOOL, "reproof-fetch ended unasked with status %d", status);
}
