// SPDX-License-Identifier: Apache-2.0
#include "cli/helpers/fetch.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/confine.h"
#include "base/scanner.h"

/* HTTP/2 needs one connection a host; these bound what HTTP/1.1 servers get. */
#define CONNECTIONS_PER_HOST 6L
#define CONNECTIONS_MAXIMUM 24L

struct helper {
    int channel;
    CURLM *multi;
    struct trust *trust;
};

/* Receives one frame and the descriptor beside it (-1: none). *RET_LEN is 0 at the end of the
 * channel and SIZE_MAX if nothing is there now. */
static bool receive(int channel, uint8_t *ret, size_t *ret_len, int *ret_fd)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = ret, .iov_len = FRAME_MAXIMUM};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.space,
                             .msg_controllen = sizeof(control.space)};
    ssize_t got = recvmsg(channel, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    *ret_fd = -1;
    if (got < 0) {
        *ret_len = SIZE_MAX;
        return errno == EAGAIN || errno == EINTR;
    }
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof(int))) {
        memcpy(ret_fd, CMSG_DATA(header), sizeof(int));
    }
    *ret_len = (size_t)got;
    return (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
}

static bool start(struct helper *helper, struct bytes frame, int out)
{
    struct frame_request request;
    if (out < 0 || !frame_read_request(frame, &request)) {
        fd_close(&out);
        return false;
    }
    struct exchange *exchange = exchange_new(&request, helper->channel, out, helper->trust);
    if (exchange->outcome == OUTCOME_OK &&
        curl_multi_add_handle(helper->multi, exchange->easy) == CURLM_OK) {
        return true;
    }
    bool sent = exchange_finish(exchange, CURLE_FAILED_INIT);
    exchange_free(&exchange);
    return sent;
}

/* Takes all requests that wait; false at the end of the channel or when it makes no sense. */
static bool take_requests(struct helper *helper)
{
    for (;;) {
        uint8_t frame[FRAME_MAXIMUM];
        size_t len;
        int out;
        if (!receive(helper->channel, frame, &len, &out)) {
            return false;
        }
        if (len == SIZE_MAX) {
            return true;
        }
        if (len == 0 || !start(helper, bytes_from(frame, len), out)) {
            return false;
        }
    }
}

static bool report_finished(struct helper *helper)
{
    int left;
    const CURLMsg *message;
    while ((message = curl_multi_info_read(helper->multi, &left)) != NULL) {
        struct exchange *exchange = NULL;
        CURL *easy = message->easy_handle;
        CURLcode result = message->data.result;
        if (message->msg != CURLMSG_DONE ||
            curl_easy_getinfo(easy, CURLINFO_PRIVATE, &exchange) != CURLE_OK) {
            return false;
        }
        curl_multi_remove_handle(helper->multi, easy);
        bool sent = exchange_finish(exchange, result);
        exchange_free(&exchange);
        if (!sent) {
            return false;
        }
    }
    return true;
}

static bool serve(struct helper *helper)
{
    for (;;) {
        int running;
        struct curl_waitfd channel = {.fd = helper->channel, .events = CURL_WAIT_POLLIN};
        if (curl_multi_perform(helper->multi, &running) != CURLM_OK || !report_finished(helper) ||
            curl_multi_poll(helper->multi, &channel, 1, 1000, NULL) != CURLM_OK) {
            return false;
        }
        if (channel.revents != 0 && !take_requests(helper)) {
            return true;
        }
    }
}

static void report_failure(int channel, const struct error *err)
{
    struct buffer frame;
    buffer_init(&frame, FRAME_MAXIMUM);
    frame_write_failed(bytes_from_string(err->message), &frame);
    ssize_t ignored = send(channel, frame.data, frame.len, MSG_NOSIGNAL);
    (void)ignored;
    buffer_free(&frame);
}

/* What needs files comes before the confinement, what meets the network after it. */
static bool set_up(struct helper *helper, struct error *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return error_set(err, ERROR_INTERNAL, "libcurl cannot be initialised");
    }
    if (!trust_open(&helper->trust, err) || !confine_fetcher(err)) {
        return false;
    }
    helper->multi = curl_multi_init();
    if (helper->multi == NULL ||
        curl_multi_setopt(helper->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX) !=
            CURLM_OK ||
        curl_multi_setopt(helper->multi, CURLMOPT_MAX_HOST_CONNECTIONS, CONNECTIONS_PER_HOST) !=
            CURLM_OK ||
        curl_multi_setopt(helper->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, CONNECTIONS_MAXIMUM) !=
            CURLM_OK) {
        return error_set(err, ERROR_INTERNAL, "libcurl cannot be set up");
    }
    return true;
}

static bool open_channel(const char *text, int *ret)
{
    uint64_t number;
    int type;
    socklen_t len = sizeof(type);
    if (!scan_number(bytes_from_string(text), 1 << 20, &number) ||
        getsockopt((int)number, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_SEQPACKET) {
        return false;
    }
    *ret = (int)number;
    return true;
}

int main(int argc, char **argv)
{
    struct helper helper = {.channel = -1};
    struct error err = {0};
    if (argc != 2 || !open_channel(argv[1], &helper.channel)) {
        static const char usage[] = "reproof-fetch is started by reproof, not by hand\n";
        ssize_t ignored = write(STDERR_FILENO, usage, sizeof(usage) - 1);
        (void)ignored;
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    if (!set_up(&helper, &err)) {
        report_failure(helper.channel, &err);
        return 1;
    }
    /* Nothing is tidied up on the way out: the kernel does it, and transfers may be under way. */
    _exit(serve(&helper) ? 0 : 1);
}
