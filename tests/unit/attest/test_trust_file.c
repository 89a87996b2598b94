// SPDX-License-Identifier: Apache-2.0
#include "attest/trust_file.h"

#include "signer/key_format.h"
#include "tests/unit/attest/attest_fixture.h"

#define NOW 1772323200 /* 2026-03-01 */

/* A trust file as a test wants it; zero is serial 1, roots 1, 2 and 3, two of them needed. */
struct wanted {
    unsigned serial, threshold;
    uint8_t roots[3]; /* numbers of keys */
    const char *name, *expires;
    const char *root_more; /* members of the first root's entry: ", \"revoked\": true" */
    bool one_operator;
};

static const char *ssh_line(uint8_t number, struct arena *arena)
{
    struct signing_key *key = fixture_key(number);
    struct buffer out;
    buffer_init(&out, 4096);
    key_format_openssh.write_public(signing_key_public(key), &out);
    const char *line = arena_printf(arena, "%.*s", (int)out.len - 1, buffer_cstring(&out));
    buffer_free(&out);
    signing_key_free(&key);
    return line;
}

static struct bytes document(const struct wanted *wanted, struct arena *arena)
{
    static const uint8_t usual[3] = {1, 2, 3};
    const uint8_t *roots = wanted->roots[0] == 0 ? usual : wanted->roots;
    const char *list = "";
    for (size_t i = 0; i < 3; i++) {
        list = arena_printf(arena,
                            "%s%s{\"key\": \"%s\", \"owner\": \"r%u\", \"operator\": \"o%u\"%s}",
                            list, i == 0 ? "" : ", ", ssh_line(roots[i], arena), roots[i],
                            wanted->one_operator ? 0 : roots[i],
                            i == 0 && wanted->root_more != NULL ? wanted->root_more : "");
    }
    return bytes_from_string(arena_printf(
        arena,
        "{\"schema\": \"reproof/trust/v1\", \"name\": \"%s\", \"serial\": %u, \"expires\": "
        "\"%s\",\n"
        " \"threshold\": %u, \"roots\": [%s],\n"
        " \"keys\": [{\"key\": \"%s\", \"owner\": \"a\", \"operator\": \"a.example\", \"roles\": "
        "[\"rebuilder\"]}]}\n",
        wanted->name == NULL ? "example" : wanted->name, wanted->serial == 0 ? 1 : wanted->serial,
        wanted->expires == NULL ? "2027-01-01T00:00:00Z" : wanted->expires,
        wanted->threshold == 0 ? 2 : wanted->threshold, list, ssh_line(9, arena)));
}

/* TEXT signed by the keys whose numbers are in SIGNERS, a string of digits. */
static struct bytes sign(struct bytes text, const char *signers, struct arena *arena)
{
    for (; *signers != '\0'; signers++) {
        struct signing_key *key = fixture_key((uint8_t)(*signers - '0'));
        struct buffer out;
        struct error err;
        buffer_init(&out, 1 << 20);
        if (!trust_file_sign(text, key, true, arena, &out, &err)) {
            fail_msg("%s", err.message);
        }
        text = arena_bytes(arena, buffer_view(&out));
        buffer_free(&out);
        signing_key_free(&key);
    }
    return text;
}

static struct bytes make(const struct wanted *wanted, const char *signers, struct arena *arena)
{
    return sign(document(wanted, arena), signers, arena);
}

static void read_good(struct bytes text, const struct trust_file *earlier, struct arena *arena,
                      struct trust_file *ret)
{
    struct error err;
    if (!trust_file_read(text, earlier, NOW, arena, ret, &err)) {
        fail_msg("%s", err.message);
    }
}

static void reads_what_enough_roots_signed(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct trust_file file;
    struct bytes text = make(&(struct wanted){0}, "12", &arena);
    assert_true(trust_file_is(text));
    assert_false(trust_file_is(document(&(struct wanted){0}, &arena)));
    read_good(text, NULL, &arena, &file);
    assert_string_equal(file.name, "example");
    assert_int_equal(file.rebuilders.trust.count, 1);
    assert_int_equal(file.signers.trust.count, 0);
    assert_string_equal(file.rebuilders.operators[0], "a.example");
    assert_true(trust_file_open(text, &arena, &file, NULL));
    assert_true(file.root_signed[0] && file.root_signed[1] && !file.root_signed[2]);
    arena_free(&arena);
}

static void refuses_too_few(void **state)
{
    static const char *const signers[] = {"1", "3", "9", "19", "45"};
    (void)state;
    struct arena arena = {0};
    struct trust_file file;
    struct error err;
    for (size_t i = 0; i < ARRAY_LEN(signers); i++) {
        assert_fails(trust_file_read(make(&(struct wanted){0}, signers[i], &arena), NULL, NOW,
                                     &arena, &file, &err),
                     &err, ERROR_MISMATCH, "of the 2 own roots");
    }
    arena_free(&arena);
}

/* A signature that stands there twice is one, and so are two keys of one operator. */
static void counts_operators_once(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct trust_file file;
    struct error err;
    const char *text = arena_text(&arena, make(&(struct wanted){0}, "1", &arena));
    const char *entry = strstr(text, "{\"keyid\"");
    const char *twice = arena_printf(&arena, "%.*s%.*s,%s", (int)(entry - text), text,
                                     (int)(strchr(entry, '}') - entry + 1), entry, entry);
    assert_fails(trust_file_read(bytes_from_string(twice), NULL, NOW, &arena, &file, &err), &err,
                 ERROR_MISMATCH, "1 of the 2 own roots");
    assert_fails(
        trust_file_read(make(&(struct wanted){.one_operator = true, .threshold = 1}, "9", &arena),
                        NULL, NOW, &arena, &file, &err),
        &err, ERROR_MISMATCH, "0 of the 1 own roots");
    assert_fails(trust_file_parse(document(&(struct wanted){.one_operator = true}, &arena), &arena,
                                  &file, &err),
                 &err, ERROR_FORMAT, "2 of 1 operators");
    arena_free(&arena);
}

static void rotates_roots(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct trust_file first, second, third, file;
    struct wanted next = {.serial = 2, .roots = {3, 4, 5}};
    struct wanted last = {.serial = 3, .roots = {4, 5, 6}};
    struct error err;
    read_good(make(&(struct wanted){0}, "12", &arena), NULL, &arena, &first);
    /* The new ones alone, and the old ones alone. */
    assert_fails(trust_file_read(make(&next, "45", &arena), &first, NOW, &arena, &file, &err), &err,
                 ERROR_MISMATCH, "0 of the 2 old roots");
    assert_fails(trust_file_read(make(&next, "12", &arena), &first, NOW, &arena, &file, &err), &err,
                 ERROR_MISMATCH, "0 of the 2 own roots");
    assert_fails(trust_file_read(make(&next, "145", &arena), &first, NOW, &arena, &file, &err),
                 &err, ERROR_MISMATCH, "1 of the 2 old roots");
    read_good(make(&next, "1245", &arena), &first, &arena, &second);
    /* One person may be both. */
    read_good(make(&next, "134", &arena), &first, &arena, &second);
    /* The old roots have nothing to say any more. */
    assert_fails(trust_file_read(make(&last, "1245", &arena), &first, NOW, &arena, &third, &err) &&
                     trust_file_read(make(&last, "12", &arena), &second, NOW, &arena, &third, &err),
                 &err, ERROR_MISMATCH, "0 of the 2 old roots");
    read_good(make(&last, "45", &arena), &second, &arena, &third);
    arena_free(&arena);
}

static void lets_nobody_lower_the_threshold_alone(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct trust_file first, file;
    struct error err;
    read_good(make(&(struct wanted){0}, "12", &arena), NULL, &arena, &first);
    assert_fails(trust_file_read(make(&(struct wanted){.serial = 2, .threshold = 1}, "1", &arena),
                                 &first, NOW, &arena, &file, &err),
                 &err, ERROR_MISMATCH, "1 of the 2 old roots");
    arena_free(&arena);
}

static void counts_no_revoked_root(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct trust_file first, file;
    struct error err;
    struct wanted revoked = {.serial = 2, .root_more = ", \"revoked\": true"};
    struct wanted expired = {.root_more = ", \"valid_until\": \"2026-03-01T00:00:00Z\""};
    read_good(make(&(struct wanted){0}, "12", &arena), NULL, &arena, &first);
    assert_fails(trust_file_read(make(&revoked, "12", &arena), &first, NOW, &arena, &file, &err),
                 &err, ERROR_MISMATCH, "1 of the 2 own roots");
    read_good(make(&revoked, "23", &arena), &first, &arena, &file);
    assert_fails(trust_file_read(make(&expired, "12", &arena), NULL, NOW, &arena, &file, &err),
                 &err, ERROR_MISMATCH, "1 of the 2 own roots");
    arena_free(&arena);
}

static void refuses_expired_and_older_ones(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct trust_file second, file;
    struct error err;
    struct wanted expired = {.expires = "2026-03-01T00:00:00Z"};
    assert_fails(trust_file_read(make(&expired, "12", &arena), NULL, NOW, &arena, &file, &err),
                 &err, ERROR_MISMATCH, "the clock says 1772323200");
    read_good(make(&(struct wanted){.serial = 2}, "12", &arena), NULL, &arena, &second);
    assert_fails(
        trust_file_read(make(&(struct wanted){0}, "12", &arena), &second, NOW, &arena, &file, &err),
        &err, ERROR_MISMATCH, "serial 1, and 2 was accepted");
    assert_fails(trust_file_read(make(&(struct wanted){.serial = 2, .threshold = 1}, "12", &arena),
                                 &second, NOW, &arena, &file, &err),
                 &err, ERROR_MISMATCH, "another file with the serial 2");
    assert_fails(trust_file_read(make(&(struct wanted){.serial = 3, .name = "other"}, "12", &arena),
                                 &second, NOW, &arena, &file, &err),
                 &err, ERROR_MISMATCH, "it is of other, not of example");
    read_good(make(&(struct wanted){.serial = 2}, "23", &arena), &second, &arena, &file);
    /* What has expired meanwhile still says who comes after it. */
    second.expires = NOW - 1;
    read_good(make(&(struct wanted){.serial = 9}, "12", &arena), &second, &arena, &file);
    arena_free(&arena);
}

static void is_kept_and_found_again(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct trust_file file, found;
    bool is_there;
    char folder[64];
    struct wanted wanted = {.name = "../../x\\n"};
    struct bytes text = make(&wanted, "12", &arena);
    scratch_make(folder);
    read_good(text, NULL, &arena, &file);
    assert_true(trust_file_load(folder, file.name, &arena, &found, &is_there, NULL));
    assert_false(is_there);
    assert_true(trust_file_keep(folder, &file, text, NULL));
    assert_true(trust_file_load(folder, file.name, &arena, &found, &is_there, NULL));
    assert_true(is_there);
    assert_true(sha256_equal(&found.digest, &file.digest));
    scratch_remove(folder);
    arena_free(&arena);
}

static void believes_no_flipped_bit(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct trust_file good, file;
    struct bytes text = make(&(struct wanted){0}, "12", &arena);
    uint8_t *changed = ARENA_ARRAY(&arena, text.len, uint8_t);
    read_good(text, NULL, &arena, &good);
    for (size_t bit = 0; bit < 8 * text.len; bit += 7) {
        struct arena scratch = {0};
        memcpy(changed, text.data, text.len);
        changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (trust_file_read(bytes_from(changed, text.len), NULL, NOW, &scratch, &file, NULL)) {
            assert_true(sha256_equal(&file.digest, &good.digest));
        }
        arena_free(&scratch);
    }
    arena_free(&arena);
}

static void refuses_what_is_malformed(void **state)
{
    static const char *const rows[][2] = {
        {"reproof/trust/v1", "reproof/trust/v2"},
        {"\"serial\": 1", "\"serial\": 0"},
        {"\"serial\": 1", "\"serial\": 1, \"serial\": 2"},
        {"\"threshold\": 2", "\"threshold\": 0"},
        {"\"threshold\": 2", "\"threshold\": 4"},
        {"\"threshold\": 2", "\"treshold\": 2"},
        {"\"expires\": \"2027-01-01T00:00:00Z\",", ""},
        {"\"roles\": [\"rebuilder\"]", "\"roles\": [\"root\"]"},
        {"\"operator\": \"o1\"", "\"operator\": \"o1\", \"roles\": []"},
        {"ssh-ed25519 ", "ssh-rsa "},
    };
    (void)state;
    struct arena arena = {0};
    const char *text = arena_text(&arena, document(&(struct wanted){0}, &arena));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct trust_file file;
        const char *bad = fixture_replace(text, rows[i][0], rows[i][1], &arena);
        if (trust_file_parse(bytes_from_string(bad), &arena, &file, NULL)) {
            fail_msg("%s", rows[i][1]);
        }
    }
    arena_free(&arena);
}

static void caps_roots(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct trust_file file;
    struct error err;
    const char *text = arena_text(&arena, document(&(struct wanted){0}, &arena));
    const char *roots = "";
    for (uint8_t i = 10; i < 43; i++) {
        roots = arena_printf(&arena, "%s{\"key\": \"%s\", \"owner\": \"x\", \"operator\": \"x\"}, ",
                             roots, ssh_line(i, &arena));
    }
    text = fixture_replace(text, "\"roots\": [", arena_printf(&arena, "\"roots\": [%s", roots),
                           &arena);
    assert_fails(trust_file_parse(bytes_from_string(text), &arena, &file, &err), &err, ERROR_LIMIT,
                 "more than 32 roots");
    arena_free(&arena);
}

static void is_signed_by_its_roots_alone(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct signing_key *key = fixture_key(7);
    struct buffer out;
    struct error err;
    buffer_init(&out, 1 << 20);
    assert_fails(
        trust_file_sign(document(&(struct wanted){0}, &arena), key, false, &arena, &out, &err),
        &err, ERROR_MISMATCH, "none of its roots");
    signing_key_free(&key);
    buffer_free(&out);
    arena_free(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads_what_enough_roots_signed),
    cmocka_unit_test(refuses_too_few),
    cmocka_unit_test(counts_operators_once),
    cmocka_unit_test(rotates_roots),
    cmocka_unit_test(lets_nobody_lower_the_threshold_alone),
    cmocka_unit_test(counts_no_revoked_root),
    cmocka_unit_test(refuses_expired_and_older_ones),
    cmocka_unit_test(is_kept_and_found_again),
    cmocka_unit_test(believes_no_flipped_bit),
    cmocka_unit_test(refuses_what_is_malformed),
    cmocka_unit_test(caps_roots),
    cmocka_unit_test(is_signed_by_its_roots_alone),
};

UNIT_MAIN(tests)
