/* Signing by an ssh-agent (draft-ietf-sshm-ssh-agent): the agent keeps the key, which may live in
 * hardware, and answers with the same 64 bytes that the key itself would give. */
#pragma once

#include "signer/key.h"

/* Connects to the agent at $SSH_AUTH_SOCK (PATH: that variable's value, may be NULL). */
CHECKED bool ssh_agent_open(const char *path, int *ret_fd, struct error *err);
/* ERROR_ABSENT if the agent does not hold KEY. */
CHECKED bool ssh_agent_find(int fd, const struct ed25519_public *key, struct error *err);
/* ERROR_LIMIT if MESSAGE is longer than agents take. */
CHECKED bool ssh_agent_sign(int fd, const struct ed25519_public *key, struct bytes message,
                            uint8_t ret[ED25519_SIGNATURE_LEN], struct error *err);
