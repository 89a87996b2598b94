// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/signer/signer_fixture.h"

struct signing_key *fixture_key(uint8_t number)
{
    uint8_t seed[KEY_SEED_LEN];
    struct signing_key *key;
    memset(seed, number, sizeof(seed));
    assert_true(
        signing_key_import(bytes_from(seed, sizeof(seed)), (struct bytes){0}, NULL, &key, NULL));
    return key;
}

struct trust fixture_trust(const struct signing_key *key, struct arena *arena)
{
    struct trust trust = trust_empty(arena);
    trust.keys = ARENA_NEW(arena, struct trusted_key);
    trust.keys[0] = (struct trusted_key){.public = *signing_key_public(key), .owner = "owner"};
    trust.count = trust.capacity = 1;
    return trust;
}

struct message fixture_message(struct bytes content, struct arena *arena)
{
    struct message message;
    struct source source = source_from_bytes(content);
    assert_true(message_read(&source,
                             MESSAGE_CONTENT | MESSAGE_BLAKE2B | MESSAGE_SHA256 | MESSAGE_SHA512,
                             -1, arena, &message, NULL));
    return message;
}

struct bytes fixture_sign(const struct signature_format *format, const struct signing_key *key,
                          struct bytes content, struct arena *arena)
{
    struct message message = fixture_message(content, arena);
    struct signing signing = {
        .key = key, .message = &message, .trusted_comment = "timestamp:1\tfile:f\thashed"};
    struct buffer out;
    struct error err;
    buffer_init(&out, 65536);
    if (!format->write(&signing, &out, &err)) {
        fail_msg("%s: %s", format->name, err.message);
    }
    struct bytes kept = arena_bytes(arena, buffer_view(&out));
    buffer_free(&out);
    return kept;
}

enum signature_result fixture_judge_by(struct bytes file, struct bytes content,
                                       const struct trust *trust,
                                       const struct signature_rules *rules, struct error *err)
{
    struct arena arena = {0};
    struct signature signature;
    struct signature_finding finding = {.result = SIGNATURE_UNUSABLE};
    if (signature_read(file, &arena, &signature, err)) {
        struct message message = fixture_message(content, &arena);
        signature_judge(&signature, &message, trust, rules, &finding);
        *err = finding.reason;
    }
    arena_free(&arena);
    return finding.result;
}

enum signature_result fixture_judge(struct bytes file, struct bytes content,
                                    const struct trust *trust, struct error *err)
{
    struct signature_rules rules = {
        .namespace = SIGNATURE_NAMESPACE, .file_name = "f", .now = 1000};
    return fixture_judge_by(file, content, trust, &rules, err);
}
