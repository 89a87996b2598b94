// SPDX-License-Identifier: Apache-2.0
/* Signed notes and keys: no input may verify under a key whose secret nobody has used. */
#include <stdlib.h>

#include "verifier/fetch/anchor.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct note_key key;
    struct gosumdb setting;
    struct signed_head head;
    struct bytes text;
    struct bytes message = bytes_from(data, len);
    /* The public key of RFC 8032, test 2, under a name of ours. */
    if (!note_key_parse("log.example+5e68e8d7+AT1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM", &arena,
                        &key, NULL)) {
        abort();
    }
    if (note_open(message, &key, &text, NULL) || signed_head_open(message, &key, &head, NULL)) {
        abort();
    }
    (void)!gosumdb_parse(arena_text(&arena, message), &arena, &setting, NULL);
    arena_free(&arena);
    return 0;
}
