/* Messages of other protocols, which a bare Ed25519 signature must not cover: it would be a
 * signature in that protocol too, over something that the signer never saw.
 *
 * Known: DSSE's pre-authentication encoding, SSHSIG's blob, SSH's login request, tree heads and
 * cosignatures of transparency logs (c2sp.org), TLS 1.3's CertificateVerify, and the two messages
 * of minisign: a 64-byte digest, and a signature with a trusted comment behind it. */
#pragma once

#include "base/bytes.h"

/* What CONTENT is a message of ("a DSSE envelope"), NULL if of nothing known. */
const char *foreign_message(struct bytes content);
