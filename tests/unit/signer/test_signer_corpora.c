// SPDX-License-Identifier: Apache-2.0
/* The vectors of others through our formats; each set's README says what must come out. */
#include "tests/unit/signer/signer_fixture.h"

#include <dirent.h>

#include "base/encode.h"
#include "base/json_read.h"
#include "signer/key_format.h"

/* The file NAME of the set SET; false (and said aloud) if the set is not here. */
static bool corpus_file(const char *set, const char *name, struct arena *arena, struct bytes *ret)
{
    char folder[2048];
    char path[4096];
    if (!corpus_find(set, folder, sizeof(folder))) {
        return false;
    }
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    struct bytes loaded = file_load(path);
    *ret = arena_bytes(arena, loaded);
    free((void *)(uintptr_t)loaded.data);
    return true;
}

static struct bytes must_file(const char *set, const char *name, struct arena *arena)
{
    struct bytes content = {0};
    assert_true(corpus_file(set, name, arena, &content));
    return content;
}

static struct bytes from_hex(const char *hex, struct arena *arena)
{
    struct bytes text = bytes_from_string(hex);
    uint8_t *raw = arena_alloc(arena, text.len / 2 + 1);
    assert_true(decode_hex(text, raw));
    return bytes_from(raw, text.len / 2);
}

static struct trust trust_of(struct bytes public, struct arena *arena)
{
    struct trust trust = trust_empty(arena);
    struct error err;
    if (!trust_add_text(&trust, public, "owner", &err)) {
        fail_msg("%s", err.message);
    }
    return trust;
}

static enum signature_result judge_legacy(struct bytes file, struct bytes content,
                                          const struct trust *trust, struct error *err)
{
    struct signature_rules rules = {.namespace = "file", .legacy = true, .now = 1000};
    return fixture_judge_by(file, content, trust, &rules, err);
}

/* A vector as a raw signature under the key in PEM: accepted or not. */
static bool raw_accepts(const char *key, const char *message, const char *signature)
{
    struct arena arena = {0};
    struct trust trust = trust_empty(&arena);
    struct trusted_key trusted = {.owner = "owner"};
    struct error err;
    bool good = false;
    if (public_key_import(from_hex(key, &arena), &trusted.public, &err)) {
        trust.keys = &trusted;
        trust.count = 1;
        good = fixture_judge(from_hex(signature, &arena), from_hex(message, &arena), &trust,
                             &err) == SIGNATURE_GOOD;
    }
    arena_free(&arena);
    return good;
}

static void agrees_with_wycheproof(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct bytes text;
    struct json_document *document;
    unsigned counts[2] = {0};
    if (!corpus_file("wycheproof-ed25519", "ed25519_test.json", &arena, &text)) {
        skip();
    }
    assert_true(json_parse(text, &document, NULL));
    const struct cJSON *group = json_first(json_member(json_root(document), "testGroups"));
    for (; group != NULL; group = json_next(group)) {
        const char *key = json_member_string(json_member(group, "publicKey"), "pk");
        const struct cJSON *test = json_first(json_member(group, "tests"));
        for (; test != NULL; test = json_next(test)) {
            const char *message = json_member_string(test, "msg");
            bool valid = strcmp(json_member_string(test, "result"), "valid") == 0;
            /* Messages that another protocol might have signed are refused, whoever signed. */
            bool foreign = strlen(message) == 128;
            assert_int_equal(raw_accepts(key, message, json_member_string(test, "sig")),
                             valid && !foreign);
            counts[valid]++;
        }
    }
    assert_int_equal(counts[true], 88);
    assert_int_equal(counts[false], 63);
    json_document_free(&document);
    arena_free(&arena);
}

static void refuses_all_of_speccheck(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct bytes text;
    struct json_document *document;
    unsigned count = 0;
    if (!corpus_file("ed25519-speccheck", "cases.json", &arena, &text)) {
        skip();
    }
    assert_true(json_parse(text, &document, NULL));
    const struct cJSON *test = json_first(json_root(document));
    for (; test != NULL; test = json_next(test), count++) {
        assert_false(raw_accepts(json_member_string(test, "pub_key"),
                                 json_member_string(test, "message"),
                                 json_member_string(test, "signature")));
    }
    assert_int_equal(count, 12);
    json_document_free(&document);
    arena_free(&arena);
}

static enum signature_result judge_sshsig(const char *name, const char *namespace,
                                          const struct trust *trust, struct error *err)
{
    struct arena arena = {0};
    struct signature_rules rules = {.namespace = namespace, .now = 1000};
    char file[64];
    snprintf(file, sizeof(file), "%s.sig", name);
    enum signature_result result =
        fixture_judge_by(must_file("openssh-sshsig", file, &arena),
                         must_file("openssh-sshsig", "signed-data", &arena), trust, &rules, err);
    arena_free(&arena);
    return result;
}

static void openssh_signature_holds_in_its_namespace_alone(void **state)
{
    (void)state;
    static const char *const others[] = {
        "ecdsa", "rsa", "ecdsa_sk", "ecdsa_sk_webauthn", "ed25519_sk", "mldsa44-ed25519"};
    struct arena arena = {0};
    struct bytes public;
    struct error err;
    if (!corpus_file("openssh-sshsig", "ed25519.pub", &arena, &public)) {
        skip();
    }
    struct trust trust = trust_of(public, &arena);
    assert_int_equal(judge_sshsig("ed25519", "unittest", &trust, &err), SIGNATURE_GOOD);
    assert_int_equal(judge_sshsig("ed25519", "file", &trust, &err), SIGNATURE_BAD);
    assert_non_null(strstr(err.message, "namespace unittest"));
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        assert_int_equal(judge_sshsig(others[i], "unittest", &trust, &err), SIGNATURE_UNUSABLE);
        assert_int_equal(err.code, ERROR_UNSUPPORTED);
    }
    arena_free(&arena);
}

static void openssh_keys_of_other_kinds_are_refused_by_name(void **state)
{
    (void)state;
    static const char *const others[] = {"ecdsa.pub", "rsa.pub", "ecdsa_sk.pub", "ed25519_sk.pub",
                                         "mldsa44-ed25519.pub"};
    struct arena arena = {0};
    struct bytes text;
    struct public_key key;
    struct error err;
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        if (!corpus_file("openssh-sshsig", others[i], &arena, &text)) {
            skip();
        }
        assert_fails(public_key_read(text, &arena, &key, &err), &err, ERROR_UNSUPPORTED,
                     "not an Ed25519 key");
    }
    arena_free(&arena);
}

static void signify_verifies_orders_and_refuses_the_forgery(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct bytes public;
    struct error err;
    AUTO(signing_key) struct signing_key *key = NULL;
    if (!corpus_file("signify-regress", "regresskey.pub", &arena, &public)) {
        skip();
    }
    struct trust trust = trust_of(public, &arena);
    struct bytes orders = must_file("signify-regress", "orders.txt", &arena);
    struct bytes signature = must_file("signify-regress", "orders.txt.sig", &arena);
    assert_int_equal(fixture_judge(signature, orders, &trust, &err), SIGNATURE_GOOD);
    assert_int_equal(fixture_judge(must_file("signify-regress", "forgery.txt.sig", &arena),
                                   must_file("signify-regress", "forgery.txt", &arena), &trust,
                                   &err),
                     SIGNATURE_BAD);
    assert_true(
        secret_key_read(must_file("signify-regress", "regresskey.sec", &arena), NULL, &key, &err));
    struct bytes ours = fixture_sign(&signature_format_signify, key, orders, &arena);
    /* The line of base64 at the end is the same. */
    assert_bytes(bytes_behind(ours, ours.len - 101), bytes_behind(signature, signature.len - 101));
    arena_free(&arena);
}

static bool answer(void *context, const char *what, bool twice, struct secret **ret,
                   struct error *err)
{
    (void)what;
    (void)twice;
    (void)err;
    *ret = secret_copy(bytes_from_string(context));
    return true;
}

static void reads_minisign_keys_with_and_without_passphrase(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct bytes text;
    struct error err;
    struct passphrase_source right = {answer, (char[]){"correct horse battery staple"}};
    struct passphrase_source wrong = {answer, (char[]){"incorrect"}};
    struct unlock unlock = {"k", &right};
    struct unlock wrong_unlock = {"k", &wrong};
    static const char *const plain[] = {"minisign-nopassword-0.key", "minisign-nopassword-1.key"};
    for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
        AUTO(signing_key) struct signing_key *key = NULL;
        if (!corpus_file("aead-minisign", plain[i], &arena, &text)) {
            skip();
        }
        if (!secret_key_read(text, NULL, &key, &err)) {
            fail_msg("%s: %s", plain[i], err.message);
        }
    }
    AUTO(signing_key) struct signing_key *key = NULL;
    text = must_file("aead-minisign", "minisign.key", &arena);
    assert_fails(secret_key_read(text, &wrong_unlock, &key, &err), &err, ERROR_USAGE, "passphrase");
    if (!secret_key_read(text, &unlock, &key, &err)) {
        fail_msg("%s", err.message);
    }
    struct trust trust = trust_of(must_file("aead-minisign", "minisign.pub", &arena), &arena);
    assert_true(public_key_equal(&signing_key_public(key)->point, &trust.keys[0].public.point));
    arena_free(&arena);
}

static void verifies_minisign_of_others(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct bytes public;
    struct error err;
    struct signature signature;
    if (!corpus_file("aead-minisign", "minisign.pub", &arena, &public)) {
        skip();
    }
    struct trust trust = trust_of(public, &arena);
    struct bytes file = must_file("aead-minisign", "message.txt.minisig", &arena);
    struct bytes message = must_file("aead-minisign", "message.txt", &arena);
    /* It is of the legacy kind. */
    assert_int_equal(fixture_judge(file, message, &trust, &err), SIGNATURE_UNUSABLE);
    assert_int_equal(judge_legacy(file, message, &trust, &err), SIGNATURE_GOOD);
    assert_int_equal(judge_legacy(file, BYTES("other"), &trust, &err), SIGNATURE_BAD);
    /* Lines that end with \r\n parse. */
    assert_true(signature_read(must_file("aead-minisign", "robtest.ps1.minisig", &arena), &arena,
                               &signature, &err));
    assert_ptr_equal(signature.format, &signature_format_minisign);
    arena_free(&arena);
}

static void reads_the_ed25519_pem_and_names_the_others(void **state)
{
    (void)state;
    static const struct {
        const char *file, *name;
    } others[] = {{"rsa_public.pem", "RSA"},
                  {"ecdsa_public.pem", "ECDSA"},
                  {"ecdsa_secp384r1_public.pem", "ECDSA"},
                  {"ecdsa_secp521r1_public.pem", "ECDSA"}};
    struct arena arena = {0};
    struct bytes text;
    struct public_key key;
    struct error err;
    if (!corpus_file("securesystemslib-pems", "ed25519_public.pem", &arena, &text)) {
        skip();
    }
    assert_true(public_key_read(text, &arena, &key, &err));
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        text = must_file("securesystemslib-pems", others[i].file, &arena);
        assert_fails(public_key_read(text, &arena, &key, &err), &err, ERROR_UNSUPPORTED,
                     others[i].name);
    }
    arena_free(&arena);
}

static void no_sigstore_bundle_of_others_passes(void **state)
{
    (void)state;
    char folder[2048];
    struct arena arena = {0};
    unsigned count = 0;
    if (!corpus_find("sigstore-conformance-classic", folder, sizeof(folder))) {
        skip();
    }
    AUTO(signing_key) struct signing_key *key = fixture_key(1);
    struct trust trust = fixture_trust(key, &arena);
    DIR *list = opendir(folder);
    struct dirent *entry;
    assert_non_null(list);
    while ((entry = readdir(list)) != NULL) {
        char name[512];
        struct error err = {0};
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.') {
            continue;
        }
        snprintf(name, sizeof(name), "%s/bundle.sigstore.json", entry->d_name);
        struct bytes bundle = must_file("sigstore-conformance-classic", name, &arena);
        struct bytes text = must_file("sigstore-conformance-classic", "a.txt", &arena);
        /* Certificates and ECDSA keys alike: said to be unsupported, or malformed; never good. */
        assert_int_equal(fixture_judge(bundle, text, &trust, &err), SIGNATURE_UNUSABLE);
        if (strstr(entry->d_name, "_fail") == NULL) {
            assert_int_equal(err.code, ERROR_UNSUPPORTED);
        }
        count++;
    }
    closedir(list);
    assert_int_equal(count, 44);
    arena_free(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(agrees_with_wycheproof),
    cmocka_unit_test(refuses_all_of_speccheck),
    cmocka_unit_test(openssh_signature_holds_in_its_namespace_alone),
    cmocka_unit_test(openssh_keys_of_other_kinds_are_refused_by_name),
    cmocka_unit_test(signify_verifies_orders_and_refuses_the_forgery),
    cmocka_unit_test(reads_minisign_keys_with_and_without_passphrase),
    cmocka_unit_test(verifies_minisign_of_others),
    cmocka_unit_test(reads_the_ed25519_pem_and_names_the_others),
    cmocka_unit_test(no_sigstore_bundle_of_others_passes),
};
UNIT_MAIN(tests)
