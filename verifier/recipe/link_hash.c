// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/link_hash.h"

#include <string.h>

#include "base/buffer.h"
#include "base/encode.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/buildinfo/buildinfo.h"

#define FLAGS_MAXIMUM (4 * MIB)

/* The link's texts as they are collected. */
struct collected {
    struct buffer before, behind;
    struct buffer written; /* BEFORE, as of a build with -buildmode=exe */
    bool flags_seen, default_mode;
    struct bytes digest; /* as go prints it at the end; empty until then */
};

static void base_of_part(const uint8_t *digest, char ret[BUILD_ID_PART_LEN + 1])
{
    encode_base64(bytes_from(digest, 15), BASE64_URL, ret);
}

/* Takes the value of a line "HASH[link NAME]: VALUE"; false for any other line. */
static bool link_value(struct bytes line, struct bytes *ret)
{
    static const char lead[] = "HASH[link ";
    size_t at = bytes_find(line, 0, bytes_from_string("]: "));
    if (!bytes_start_with(line, lead) || at == SIZE_MAX) {
        return false;
    }
    *ret = bytes_from(line.data + at + 3, line.len - at - 3);
    return true;
}

/* The first texts name the build mode as it was asked for, though "default" and "exe" link alike.
 */
static void collect_before(struct collected *collected, struct bytes text)
{
    static const char mode[] = "buildmode default ";
    buffer_append(&collected->before, text);
    if (!bytes_start_with(text, mode)) {
        buffer_append(&collected->written, text);
        return;
    }
    size_t skipped = strlen(mode);
    collected->default_mode = true;
    buffer_string(&collected->written, "buildmode exe ");
    buffer_append(&collected->written, bytes_from(text.data + skipped, text.len - skipped));
}

static bool collect_text(struct collected *collected, struct bytes quoted, struct arena *arena)
{
    const char *text;
    size_t len;
    if (!buildinfo_unquote(quoted, arena, &text, &len) || len != quoted.len) {
        return false;
    }
    if (bytes_start_with(bytes_from_string(text), "linkflags ")) {
        bool first = !collected->flags_seen;
        collected->flags_seen = true;
        return first;
    }
    if (collected->flags_seen) {
        buffer_string(&collected->behind, text);
    } else {
        collect_before(collected, bytes_from_string(text));
    }
    return true;
}

/* go prints every action's hash twice; the first time is enough. */
static bool collect(struct bytes log, struct arena *arena, struct collected *collected)
{
    struct scanner scanner = scanner_over(log);
    struct bytes line;
    struct bytes value;
    while (collected->digest.len == 0 && scanner_line(&scanner, FLAGS_MAXIMUM, &line)) {
        if (!link_value(line, &value)) {
            continue;
        }
        /* A quoted text may be as long as a digest. */
        if (value.len == 2 * SHA256_LEN && value.data[0] != '"') {
            collected->digest = value;
        } else if (!collect_text(collected, value, arena)) {
            return false;
        }
    }
    return collected->digest.len > 0 && collected->flags_seen && buffer_ok(&collected->before) &&
           buffer_ok(&collected->behind) && buffer_ok(&collected->written);
}

/* The text that go hashes for the trial's own flags, found again in the log. */
static bool trial_flags(struct bytes log, struct arena *arena, const char **ret)
{
    struct scanner scanner = scanner_over(log);
    struct bytes line;
    struct bytes value;
    size_t len;
    while (scanner_line(&scanner, FLAGS_MAXIMUM, &line)) {
        if (link_value(line, &value) && bytes_start_with(value, "\"linkflags ")) {
            return buildinfo_unquote(value, arena, ret, &len);
        }
    }
    return false;
}

static void finish_part1(const struct link_hash *hash, struct bytes flags,
                         char ret[BUILD_ID_PART_LEN + 1], uint8_t digest[SHA256_LEN])
{
    AUTO(digest) struct digest *running = digest_copy(hash->before);
    digest_update(running, flags);
    digest_update(running, hash->behind);
    digest_finish(running, digest);
    base_of_part(digest, ret);
}

/* The trial itself must come out as go says, or our idea of what is hashed is wrong. */
static bool check_trial(struct link_hash *hash, struct bytes log, struct bytes stated,
                        struct arena *arena, struct error *err)
{
    const char *flags;
    char part1[BUILD_ID_PART_LEN + 1];
    struct sha256 digest;
    struct sha256 expected;
    if (!trial_flags(log, arena, &flags) || !sha256_from_hex(stated, &expected)) {
        return error_set(err, ERROR_ABSENT, "the build log does not tell what the link hashes");
    }
    finish_part1(hash, bytes_from_string(flags), part1, digest.bytes);
    if (!sha256_equal(&digest, &expected)) {
        return error_set(err, ERROR_MISMATCH,
                         "the link's texts in the build log do not give the digest printed there");
    }
    hash->part1 = arena_string(arena, part1);
    return true;
}

bool link_hash_parse(struct bytes log, struct arena *arena, struct link_hash *ret,
                     struct error *err)
{
    struct collected collected = {0};
    struct link_hash hash = {0};
    buffer_init(&collected.before, LIMIT_BUILD_LOG);
    buffer_init(&collected.written, LIMIT_BUILD_LOG);
    buffer_init(&collected.behind, LIMIT_BUILD_LOG);
    bool ok = collect(log, arena, &collected) ||
              error_set(err, ERROR_ABSENT, "the build log does not tell what the link hashes");
    if (ok) {
        hash.before = digest_new(DIGEST_SHA256);
        digest_update(hash.before, buffer_view(&collected.before));
        if (collected.default_mode) {
            hash.written = digest_new(DIGEST_SHA256);
            digest_update(hash.written, buffer_view(&collected.written));
        }
        hash.behind = arena_bytes(arena, buffer_view(&collected.behind));
        ok = check_trial(&hash, log, collected.digest, arena, err);
    }
    buffer_free(&collected.before);
    buffer_free(&collected.written);
    buffer_free(&collected.behind);
    if (!ok) {
        link_hash_free(&hash);
        return false;
    }
    *ret = hash;
    return true;
}

void link_hash_free(struct link_hash *hash)
{
    digest_free(&hash->before);
    digest_free(&hash->written);
    *hash = (struct link_hash){0};
}

bool link_hash_with_written_mode(const struct link_hash *hash, struct link_hash *ret)
{
    if (hash->written == NULL) {
        return false;
    }
    *ret = (struct link_hash){.before = hash->written, .behind = hash->behind, .part1 = ""};
    return true;
}

/* One character as strconv.Quote writes it. What Go's IsPrint refuses beyond our own list of
 * deceptive characters does not occur in flags that people write. */
static void put_character(struct buffer *out, unsigned point, struct bytes raw)
{
    static const char letters[] = "abfnrtv";
    static const char meanings[] = "\a\b\f\n\r\t\v";
    const char *hit = point == 0 || point > 0x7f ? NULL : strchr(meanings, (int)point);
    if (point == '"' || point == '\\') {
        buffer_printf(out, "\\%c", (int)point);
    } else if (hit != NULL) {
        buffer_printf(out, "\\%c", letters[hit - meanings]);
    } else if (!escape_is_deceptive(point)) {
        buffer_append(out, raw);
    } else if (point < 0x80) {
        buffer_printf(out, "\\x%02x", point);
    } else if (point < 0x10000) {
        buffer_printf(out, "\\u%04x", point);
    } else {
        buffer_printf(out, "\\U%08x", point);
    }
}

static void put_quoted(struct buffer *out, const char *text)
{
    struct bytes rest = bytes_from_string(text);
    buffer_byte(out, '"');
    while (rest.len > 0) {
        unsigned point = 0;
        size_t len = utf8_decode(rest, &point);
        if (len == 0) {
            buffer_printf(out, "\\x%02x", rest.data[0]);
            len = 1;
        } else {
            put_character(out, point, bytes_from(rest.data, len));
        }
        rest = bytes_from(rest.data + len, rest.len - len);
    }
    buffer_byte(out, '"');
}

void link_hash_part1(const struct link_hash *hash, const char *const *flags, size_t count,
                     char ret[BUILD_ID_PART_LEN + 1])
{
    struct buffer text;
    uint8_t digest[SHA256_LEN];
    buffer_init(&text, FLAGS_MAXIMUM);
    buffer_string(&text, "linkflags [");
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            buffer_byte(&text, ' ');
        }
        put_quoted(&text, flags[i]);
    }
    buffer_string(&text, "]\n");
    finish_part1(hash, buffer_view(&text), ret, digest);
    buffer_free(&text);
}
