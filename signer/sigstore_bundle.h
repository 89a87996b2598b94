/* What every sigstore bundle begins with (sigstore/protobuf-specs), whether it carries the
 * signature of a file or a DSSE envelope: its version, and the public key it names by a hint. */
#pragma once

#include "base/json_write.h"
#include "signer/key.h"

/* True for the media types of versions 0.1 to 0.3; NULL is none. */
bool sigstore_bundle_is_known(const char *media_type);

/* Opens the bundle's object and writes all but its content, as version 0.3. The caller adds
 * messageSignature or dsseEnvelope and ends the object. */
void sigstore_bundle_begin(struct json_writer *json, const struct ed25519_public *key);
