/* Where evidence lies: a file that is named, a directory of it (evidence.h), or a tree that many
 * rebuilders fill, by digest: `SHA256/KEY/NAME.jsonl`, KEY being any name for who signed.
 *
 * What lies in a directory that the user names is meant for the files at hand; in a tree, that a
 * statement is about a file is only the claim of whoever filled it. */
#pragma once

#include "attest/attestation.h"
#include "verifier/fetch/transport.h"

/* Reads the file NAME beneath DIR (AT_FDCWD: as the user typed it), shown as PATH. ERROR_ABSENT if
 * there is none. */
CHECKED bool evidence_read_file(struct attestation_reading *reading, int dir, const char *name,
                                const char *path, struct attestations *ret, struct error *err);
/* All *.jsonl of the directory DIR, shown as FOLDER (with a slash at its end). */
CHECKED bool evidence_read_directory(struct attestation_reading *reading, int dir,
                                     const char *folder, struct attestations *ret,
                                     struct error *err);
/* What DIR as a tree has for DIGEST; nothing if it is no tree or has nothing. */
CHECKED bool evidence_read_tree(struct attestation_reading *reading, int dir, const char *folder,
                                const struct sha256 *digest, struct attestations *ret,
                                struct error *err);

/* The tree at the https: URL BASE, where folders cannot be listed: for each trusted key
 * `BASE/SHA256/KEY/all.jsonl`, KEY being the 64 hexadecimal digits of the public key. TRANSPORT
 * does the network, in a process of its own. Whom nothing was got of has not voted; ERROR_NETWORK
 * where that is not known. */
CHECKED bool evidence_read_url(struct attestation_reading *reading, struct transport *transport,
                               const char *base, const struct sha256 *digest,
                               struct attestations *ret, struct error *err);
