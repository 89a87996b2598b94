// SPDX-License-Identifier: Apache-2.0
#include "signer/sigstore_bundle.h"

#include <string.h>

#include "base/encode.h"

#define MEDIA_TYPE "application/vnd.dev.sigstore.bundle.v0.3+json"

bool sigstore_bundle_is_known(const char *media_type)
{
    static const char *const known[] = {
        MEDIA_TYPE,
        "application/vnd.dev.sigstore.bundle+json;version=0.1",
        "application/vnd.dev.sigstore.bundle+json;version=0.2",
        "application/vnd.dev.sigstore.bundle+json;version=0.3",
    };
    for (size_t i = 0; media_type != NULL && i < ARRAY_LEN(known); i++) {
        if (strcmp(media_type, known[i]) == 0) {
            return true;
        }
    }
    return false;
}

void sigstore_bundle_begin(struct json_writer *json, const struct ed25519_public *key)
{
    char hint[BASE64_LEN(SHA256_LEN) + 1];
    key_hint(key, hint);
    json_object(json, NULL);
    json_string(json, "mediaType", MEDIA_TYPE);
    json_object(json, "verificationMaterial");
    json_object(json, "publicKey");
    json_string(json, "hint", hint);
    json_object_end(json);
    json_array(json, "tlogEntries");
    json_array_end(json);
    json_object_end(json);
}
