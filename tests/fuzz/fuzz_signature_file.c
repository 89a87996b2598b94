// SPDX-License-Identifier: Apache-2.0
/* Signature files of every format: none may hold under a key whose secret nobody has used. */
#include <stdlib.h>

#include "signer/signature.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    /* The public key of RFC 8032, test 2. */
    static const char public[] =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM";
    struct arena arena = {0};
    struct trust trust = trust_empty(&arena);
    struct signature signature;
    struct message message;
    struct signature_finding finding;
    struct source source = source_from_bytes(bytes_from("text", 4));
    struct signature_rules rules = {.namespace = SIGNATURE_NAMESPACE, .legacy = true, .now = 1};
    if (!trust_add_text(&trust, bytes_from_string(public), "k", NULL)) {
        abort();
    }
    if (signature_read(bytes_from(data, len), &arena, &signature, NULL)) {
        if (!message_read(&source, signature.parts, -1, &arena, &message, NULL)) {
            abort();
        }
        signature_judge(&signature, &message, &trust, &rules, &finding);
        if (finding.result == SIGNATURE_GOOD) {
            abort();
        }
    }
    arena_free(&arena);
    return 0;
}
