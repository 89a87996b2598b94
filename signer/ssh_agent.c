// SPDX-License-Identifier: Apache-2.0
#include "signer/ssh_agent.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/interrupt.h"
#include "base/limits.h"
#include "signer/ssh_wire.h"

/* The message numbers of the draft, section 6.1. */
#define REQUEST_IDENTITIES 11
#define IDENTITIES_ANSWER 12
#define SIGN_REQUEST 13
#define SIGN_RESPONSE 14

bool ssh_agent_open(const char *path, int *ret_fd, struct error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = path == NULL ? 0 : strlen(path);
    if (len == 0 || len >= sizeof(address.sun_path)) {
        error_set(err, ERROR_ABSENT, "no ssh-agent: SSH_AUTH_SOCK names none");
        return error_cure(err,
                          "start ssh-agent and add the key with ssh-add, or name a secret key");
    }
    memcpy(address.sun_path, path, len);
    AUTO_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        return error_errno(err, "cannot reach the ssh-agent at %s", path);
    }
    *ret_fd = fd_steal(&fd);
    return true;
}

/* An agent may ask its user first, so there is no time limit; but a signal ends the wait. */
static bool wait_for_answer(int fd, struct error *err)
{
    struct pollfd waits[] = {{.fd = fd, .events = POLLIN},
                             {.fd = interrupt_fd(), .events = POLLIN}};
    while (poll(waits, ARRAY_LEN(waits), -1) < 0) {
        if (errno != EINTR) {
            return error_errno(err, "waiting for the ssh-agent");
        }
    }
    return interrupt_check(err);
}

static bool receive(int fd, uint8_t *ret, size_t len, struct error *err)
{
    while (len > 0) {
        if (!wait_for_answer(fd, err)) {
            return false;
        }
        ssize_t got = recv(fd, ret, len, 0);
        if (got == 0) {
            return error_set(err, ERROR_IO, "the ssh-agent hung up");
        }
        if (got < 0 && errno != EINTR) {
            return error_errno(err, "reading from the ssh-agent");
        }
        ret += got < 0 ? 0 : got;
        len -= got < 0 ? 0 : (size_t)got;
    }
    return true;
}

static bool send_all(int fd, struct bytes bytes, struct error *err)
{
    while (bytes.len > 0) {
        ssize_t put = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
        if (put < 0 && errno != EINTR) {
            return error_errno(err, "writing to the ssh-agent");
        }
        bytes = bytes_behind(bytes, put < 0 ? 0 : (size_t)put);
    }
    return true;
}

/* Sends REQUEST and puts the answer, which must be a message of type WANTED, into ANSWER. */
static bool exchange(int fd, const struct buffer *request, uint8_t wanted, struct buffer *answer,
                     struct error *err)
{
    uint8_t header[4];
    uint32_t len = 0;
    struct buffer framed;
    buffer_init(&framed, LIMIT_AGENT_MESSAGE + sizeof(header));
    ssh_put_string(&framed, buffer_view(request));
    bool sent = buffer_ok(&framed) && buffer_ok(request);
    sent = sent ? send_all(fd, buffer_view(&framed), err)
                : error_set(err, ERROR_LIMIT, "more than an ssh-agent takes (%llu bytes)",
                            LIMIT_AGENT_MESSAGE);
    buffer_free(&framed);
    if (!sent || !receive(fd, header, sizeof(header), err)) {
        return false;
    }
    struct reader reader = reader_over(bytes_from(header, sizeof(header)), BIG_ENDIAN_ORDER);
    buffer_init(answer, LIMIT_AGENT_MESSAGE);
    uint8_t *place = reader_u32(&reader, &len) ? buffer_reserve(answer, len) : NULL;
    if (place == NULL || len == 0) {
        return error_set(err, ERROR_FORMAT, "the ssh-agent answers with %u bytes", len);
    }
    if (!receive(fd, place, len, err)) {
        return false;
    }
    buffer_advance(answer, len);
    return answer->data[0] == wanted ||
           error_set(err, ERROR_TOOL, "the ssh-agent refuses (message %u)", answer->data[0]);
}

static bool is_listed(struct bytes answer, struct bytes wanted, bool *ret)
{
    struct reader reader = reader_over(answer, BIG_ENDIAN_ORDER);
    struct bytes blob;
    struct bytes comment;
    uint32_t count;
    *ret = false;
    if (!reader_skip(&reader, 1) || !reader_u32(&reader, &count) || count > LIMIT_AGENT_KEYS) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!ssh_string(&reader, &blob) || !ssh_string(&reader, &comment)) {
            return false;
        }
        *ret |= bytes_equal(blob, wanted);
    }
    return reader_done(&reader);
}

bool ssh_agent_find(int fd, const struct ed25519_public *key, struct error *err)
{
    struct buffer request;
    struct buffer answer = {0};
    uint8_t blob[KEY_SSH_BLOB_LEN];
    bool listed = false;
    key_ssh_blob(key, blob);
    buffer_init(&request, 1);
    buffer_byte(&request, REQUEST_IDENTITIES);
    bool ok = exchange(fd, &request, IDENTITIES_ANSWER, &answer, err);
    if (ok && !is_listed(buffer_view(&answer), bytes_from(blob, sizeof(blob)), &listed)) {
        ok = error_set(err, ERROR_FORMAT, "the ssh-agent's list of keys is malformed");
    } else if (ok && !listed) {
        error_set(err, ERROR_ABSENT, "the ssh-agent does not hold this key");
        ok = error_cure(err, "add it with ssh-add; ssh-add -l lists what the agent holds");
    }
    buffer_free(&request);
    buffer_free(&answer);
    return ok;
}

static bool read_signature(struct bytes answer, uint8_t ret[ED25519_SIGNATURE_LEN])
{
    struct reader reader = reader_over(answer, BIG_ENDIAN_ORDER);
    struct bytes blob;
    struct bytes signature;
    if (!reader_skip(&reader, 1) || !ssh_string(&reader, &blob) || !reader_done(&reader)) {
        return false;
    }
    reader = reader_over(blob, BIG_ENDIAN_ORDER);
    if (!ssh_expect(&reader, "ssh-ed25519") || !ssh_string(&reader, &signature) ||
        !reader_done(&reader) || signature.len != ED25519_SIGNATURE_LEN) {
        return false;
    }
    memcpy(ret, signature.data, ED25519_SIGNATURE_LEN);
    return true;
}

bool ssh_agent_sign(int fd, const struct ed25519_public *key, struct bytes message,
                    uint8_t ret[ED25519_SIGNATURE_LEN], struct error *err)
{
    struct buffer request;
    struct buffer answer = {0};
    uint8_t blob[KEY_SSH_BLOB_LEN];
    key_ssh_blob(key, blob);
    buffer_init(&request, LIMIT_AGENT_MESSAGE);
    buffer_byte(&request, SIGN_REQUEST);
    ssh_put_string(&request, bytes_from(blob, sizeof(blob)));
    ssh_put_string(&request, message);
    ssh_put_u32(&request, 0);
    bool ok = exchange(fd, &request, SIGN_RESPONSE, &answer, err);
    if (ok && !read_signature(buffer_view(&answer), ret)) {
        ok = error_set(err, ERROR_FORMAT, "the ssh-agent's signature is malformed");
    }
    if (!ok && err != NULL && err->code == ERROR_LIMIT) {
        error_cure(err, "minisign and ssh signatures are over a digest: an agent makes those");
    }
    buffer_free(&request);
    buffer_free(&answer);
    return ok;
}
