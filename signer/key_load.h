/* A secret key from where the user says it is: a file, an environment variable, a descriptor.
 *
 * A file must be a regular file of this user that nobody else may read, and is looked at after it
 * was opened, so that it cannot be exchanged in between. */
#pragma once

#include "signer/key_format.h"

/* PLACE is "env:NAME", "fd:N" or a file. A file that holds a public key names a key in the
 * ssh-agent. */
CHECKED bool signing_key_load(const char *place, const struct passphrase_source *passphrase,
                              struct signing_key **ret, struct error *err);

/* The public half alone of the key file at PLACE, secret (which may ask for the passphrase) or
 * public. The comment lives in ARENA. */
CHECKED bool public_key_load(const char *place, const struct passphrase_source *passphrase,
                             struct arena *arena, struct public_key *ret, struct error *err);
