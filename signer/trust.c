// SPDX-License-Identifier: Apache-2.0
#include "signer/trust.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/source.h"
#include "signer/allowed_signers.h"
#include "signer/key_format.h"
#include "signer/trust_internal.h"

struct trust trust_empty(struct arena *arena)
{
    return (struct trust){.arena = arena};
}

bool trust_add_key(struct trust *trust, const struct trusted_key *key, struct error *err)
{
    if (trust->count >= LIMIT_TRUSTED_KEYS) {
        return error_set(err, ERROR_LIMIT, "more than %d trusted keys", LIMIT_TRUSTED_KEYS);
    }
    arena_grow(trust->arena, &trust->keys, trust->count, &trust->capacity, sizeof(*key));
    trust->keys[trust->count++] = *key;
    return true;
}

void trust_pass_over(struct trust *trust, const char *text)
{
    arena_grow(trust->arena, &trust->passed_over, trust->passed_over_count,
               &trust->passed_over_capacity, sizeof(text));
    trust->passed_over[trust->passed_over_count++] = text;
}

bool trust_add_text(struct trust *trust, struct bytes text, const char *name, struct error *err)
{
    struct trusted_key key = {0};
    if (!is_public_key(text) && allowed_signers_is(text)) {
        return allowed_signers_read(text, trust, err);
    }
    if (!public_key_read(text, trust->arena, &key.public, err)) {
        return false;
    }
    const char *comment = key.public.comment;
    key.owner = comment[0] == '\0' ? arena_string(trust->arena, name) : comment;
    return trust_add_key(trust, &key, err);
}

static bool load(const char *path, struct arena *arena, struct bytes *ret, struct error *err)
{
    AUTO_FD int fd = -1;
    struct source source;
    return file_open_input(AT_FDCWD, path, &fd, err) && source_from_fd(fd, &source, err) &&
           source_load(&source, 0, source.size, LIMIT_TRUST_FILE, arena, ret, err);
}

bool trust_add_file(struct trust *trust, const char *path, struct error *err)
{
    struct bytes text;
    return (load(path, trust->arena, &text, err) &&
            trust_add_text(trust, text, file_base_name(path), err)) ||
           error_prefix(err, "%s", path);
}

bool trust_revoke_file(struct trust *trust, const char *path, struct error *err)
{
    struct trust revoked = trust_empty(trust->arena);
    if (!trust_add_file(&revoked, path, err)) {
        return false;
    }
    for (size_t i = 0; i < trust->count; i++) {
        trust->keys[i].revoked |= trust_find(&revoked, &trust->keys[i].public.point) != NULL;
    }
    return true;
}

const struct trusted_key *trust_find(const struct trust *trust, const struct ed25519_public *key)
{
    for (size_t i = 0; i < trust->count; i++) {
        if (public_key_equal(&trust->keys[i].public.point, key)) {
            return &trust->keys[i];
        }
    }
    return NULL;
}

enum key_standing trusted_key_standing(const struct trusted_key *key, time_t now)
{
    if (key == NULL) {
        return KEY_NOT_TRUSTED;
    }
    if (key->revoked) {
        return KEY_REVOKED;
    }
    if (key->from != 0 && now < key->from) {
        return KEY_NOT_YET;
    }
    return key->until != 0 && now >= key->until ? KEY_EXPIRED : KEY_GOOD;
}
