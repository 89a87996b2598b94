// SPDX-License-Identifier: Apache-2.0
#include "signer/secret.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/libsodium.h"

struct secret *secret_new(size_t room)
{
    struct secret *secret = calloc(1, sizeof(*secret));
    uint8_t *data = libsodium()->sodium_malloc(room == 0 ? 1 : room);
    if (secret == NULL || data == NULL) {
        bug("no guarded memory for %zu bytes", room);
    }
    *secret = (struct secret){.data = data, .room = room};
    return secret;
}

struct secret *secret_copy(struct bytes bytes)
{
    struct secret *secret = secret_new(bytes.len);
    if (bytes.len > 0) {
        memcpy(secret->data, bytes.data, bytes.len);
    }
    secret->len = bytes.len;
    return secret;
}

void secret_free(struct secret **secret)
{
    if (*secret != NULL) {
        libsodium()->sodium_free((*secret)->data);
        free(*secret);
        *secret = NULL;
    }
}

struct buffer secret_buffer(struct secret *secret)
{
    /* Capacity and maximum leave no occasion to grow, which would copy to ordinary memory. */
    secret->len = 0;
    return (struct buffer){
        .data = secret->data, .capacity = secret->room, .maximum = secret->room - 1};
}

bool secret_end(struct secret *secret, const struct buffer *buffer)
{
    if (!buffer_ok(buffer)) {
        return false;
    }
    secret->len = buffer->len;
    return true;
}

bool secret_read(int fd, size_t maximum, struct secret **ret, struct error *err)
{
    AUTO(secret) struct secret *secret = secret_new(maximum + 1);
    while (secret->len <= maximum) {
        ssize_t got = read(fd, secret->data + secret->len, secret->room - secret->len);
        if (got == 0) {
            *ret = STEAL(secret);
            return true;
        }
        if (got < 0 && errno != EINTR) {
            return error_errno(err, "cannot read");
        }
        secret->len += got < 0 ? 0 : (size_t)got;
    }
    return error_set(err, ERROR_LIMIT, "longer than %zu bytes", maximum);
}

bool secret_forbid_dumps(struct error *err)
{
    struct rlimit none = {0};
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0) {
        return error_errno(err, "cannot forbid core dumps");
    }
    return true;
}
