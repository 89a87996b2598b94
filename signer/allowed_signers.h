/* OpenSSH's allowed_signers files (ssh-keygen(1), ALLOWED SIGNERS): principals, options, a key.
 *
 * Options read: namespaces="...", valid-after="...", valid-before="..." (times in UTC, as the "Z"
 * form, or in the local zone without it). cert-authority lines are passed over: certificates are
 * not supported. Principals are the owner's name for people, never a pattern to match with. */
#pragma once

#include "signer/trust.h"

/* True if TEXT looks like one: some line begins as an entry does, none as anything else. */
bool allowed_signers_is(struct bytes text);

/* Adds the Ed25519 keys among them to TRUST, and notes what was passed over. A malformed line
 * refuses the whole; so does a file without any key that counts. */
CHECKED bool allowed_signers_read(struct bytes text, struct trust *trust, struct error *err);

/* True if LIST, as in namespaces="...", has NAMESPACE; NULL has all. */
bool allowed_signers_namespace(const char *list, const char *namespace);
