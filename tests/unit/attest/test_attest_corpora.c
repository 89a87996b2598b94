// SPDX-License-Identifier: Apache-2.0
/* Documents by others as evidence: nothing in them may ever become a vote, not even where a trusted
 * key signs them once more. */
#include <dirent.h>
#include <sys/stat.h>

#include "attest/ballot.h"
#include "attest/dsse.h"
#include "attest/trust_file.h"
#include "tests/unit/attest/attest_fixture.h"

#define NOW 1772323200

struct box {
    struct arena arena;
    struct policy policy;
    size_t seen;
};

static int make(void **state)
{
    struct box *box = calloc(1, sizeof(*box));
    struct signing_key *key = fixture_key(1);
    struct trusted_key trusted = {.public = *signing_key_public(key), .owner = "a"};
    box->policy.rebuilders.trust = trust_empty(&box->arena);
    box->policy.rebuilder_threshold = 1;
    assert_true(parties_add(&box->policy.rebuilders, &trusted, "a", NULL));
    signing_key_free(&key);
    *state = box;
    return 0;
}

static int drop(void **state)
{
    struct box *box = *state;
    arena_free(&box->arena);
    free(box);
    return 0;
}

typedef void visit(struct box *box, const char *name, struct bytes text);

/* All regular files beneath FOLDER whose names end with SUFFIX, each by its path below it. */
static void walk(struct box *box, const char *folder, const char *below, const char *suffix,
                 visit *call)
{
    DIR *dir = opendir(arena_printf(&box->arena, "%s/%s", folder, below));
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        const char *name =
            arena_printf(&box->arena, "%s%s%s", below, below[0] == '\0' ? "" : "/", entry->d_name);
        const char *path = arena_printf(&box->arena, "%s/%s", folder, name);
        struct stat info;
        if (entry->d_name[0] == '.' || lstat(path, &info) != 0) {
            continue;
        }
        if (S_ISDIR(info.st_mode)) {
            walk(box, folder, name, suffix, call);
        } else if (bytes_end_with(bytes_from_string(name), suffix)) {
            struct bytes text = file_load(path);
            call(box, name, text);
            free((void *)(uintptr_t)text.data);
            box->seen++;
        }
    }
    closedir(dir);
}

/* Reads TEXT as evidence and has it counted for whatever it is about. */
static size_t votes(struct box *box, const char *name, struct bytes text,
                    enum attestation_standing *ret_standing)
{
    struct arena arena = {0};
    struct attestation_reading reading = {
        .trust = &box->policy.rebuilders.trust, .now = NOW, .arena = &arena, .bound = true};
    struct attestations evidence = {0};
    struct ballot ballot = {0};
    struct error err;
    if (!attestations_read(&reading, text, name, &evidence, &err)) {
        fail_msg("%s: %s", name, err.message);
    }
    *ret_standing = ATTESTATION_UNKNOWN;
    size_t count = 0;
    for (size_t i = 0; i < evidence.count; i++) {
        const struct attestation *at = &evidence.items[i];
        *ret_standing = at->standing > *ret_standing ? at->standing : *ret_standing;
        for (size_t j = 0; j < at->subject_count; j++) {
            assert_true(ballot_count(&box->policy, &evidence, &at->subjects[j], "f", NULL, NOW,
                                     &arena, &ballot, NULL));
            count += ballot.count;
        }
    }
    arena_free(&arena);
    return count;
}

static void never_good(struct box *box, const char *name, struct bytes text)
{
    enum attestation_standing standing;
    assert_int_equal(votes(box, name, text, &standing), 0);
    if (standing == ATTESTATION_GOOD || standing == ATTESTATION_BARRED) {
        fail_msg("%s", name);
    }
}

/* The payload that is inside, under a signature that counts: still no vote. */
static void signed_again(struct box *box, const char *name, struct bytes text)
{
    enum attestation_standing standing;
    struct arena arena = {0};
    struct envelope envelope;
    never_good(box, name, text);
    if (envelope_read(text, &arena, &envelope, NULL)) {
        struct bytes line = fixture_envelope(envelope.payload, envelope.payload_type, 1, &arena);
        assert_int_equal(votes(box, name, line, &standing), 0);
    }
    arena_free(&arena);
}

static void counts_no_sigstore_bundle_of_others(void **state)
{
    struct box *box = *state;
    char folder[4096];
    if (!corpus_find("sigstore-conformance-classic", folder, sizeof(folder))) {
        skip();
    }
    walk(box, folder, "", "bundle.sigstore.json", signed_again);
    assert_int_equal(box->seen, 44);
}

static void counts_no_provenance_of_others(void **state)
{
    struct box *box = *state;
    char folder[4096];
    if (!corpus_find("slsa-gcb-gha-unit", folder, sizeof(folder))) {
        skip();
    }
    walk(box, folder, "gcb/testdata", "", signed_again);
    walk(box, folder, "gha/testdata", "", signed_again);
    assert_int_equal(box->seen, 74);
}

/* Text as an envelope, as what a trusted key signed, as a policy and as a trust file. */
static void as_everything(struct box *box, const char *name, struct bytes text)
{
    enum attestation_standing standing;
    struct arena arena = {0};
    struct policy policy;
    struct trust_file file;
    never_good(box, name, text);
    if (text.len > 0) {
        struct bytes line = fixture_envelope(text, ENVELOPE_STATEMENT, 1, &arena);
        assert_int_equal(votes(box, name, line, &standing), 0);
        assert_int_equal(standing, ATTESTATION_UNUSABLE);
    }
    assert_false(policy_read(text, name, NOW, &arena, &policy, NULL));
    assert_false(trust_file_parse(text, &arena, &file, NULL));
    assert_false(trust_file_read(text, NULL, NOW, &arena, &file, NULL));
    arena_free(&arena);
}

static void believes_no_json_of_others(void **state)
{
    struct box *box = *state;
    char folder[4096];
    if (!corpus_find("jsontestsuite", folder, sizeof(folder))) {
        skip();
    }
    walk(box, folder, "", ".json", as_everything);
    assert_int_equal(box->seen, 318);
}

/* What lies between BEFORE and AFTER in TEXT. */
static struct bytes between(struct bytes text, const char *before, const char *after)
{
    size_t start = bytes_find(text, 0, bytes_from_string(before));
    assert_true(start != SIZE_MAX);
    start += strlen(before);
    size_t end = bytes_find(text, start, bytes_from_string(after));
    assert_true(end != SIZE_MAX);
    return bytes_from(text.data + start, end - start);
}

static void encodes_the_vector_of_the_protocol(void **state)
{
    struct box *box = *state;
    char folder[4096];
    struct envelope envelope;
    struct error err;
    if (!corpus_find("dsse-vector", folder, sizeof(folder))) {
        skip();
    }
    struct bytes text = file_load(arena_printf(&box->arena, "%s/protocol.md", folder));
    struct bytes json = between(text, "```json\n{\"payload\": \"aGVs", "\n```");
    json = bytes_from(json.data - strlen("{\"payload\": \"aGVs"),
                      json.len + strlen("{\"payload\": \"aGVs"));
    if (!envelope_read(json, &box->arena, &envelope, &err)) {
        fail_msg("%s", err.message);
    }
    assert_bytes(dsse_pae(envelope.payload_type, envelope.payload, &box->arena),
                 between(text, "PAE:\n\n```none\n", "\n```"));
    /* Its signature is ECDSA's, which has 64 bytes too. */
    assert_int_equal(envelope.signatures[0].bytes.len, ED25519_SIGNATURE_LEN);
    never_good(box, "vector", json);
    free((void *)(uintptr_t)text.data);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

static const struct CMUnitTest tests[] = {
    CASE(counts_no_sigstore_bundle_of_others),
    CASE(counts_no_provenance_of_others),
    CASE(believes_no_json_of_others),
    CASE(encodes_the_vector_of_the_protocol),
};

UNIT_MAIN(tests)
