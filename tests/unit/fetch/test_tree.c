// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>

#include "base/encode.h"
#include "base/json_read.h"
#include "tests/unit/fetch/fake_database.h"
#include "tests/unit/unit.h"
#include "verifier/fetch/tree.h"

/* RFC 6962 section 2.1, word for word. */
static struct sha256 slow_root(const struct sha256 *leaves, uint64_t count)
{
    if (count == 1) {
        return leaves[0];
    }
    uint64_t split = 1;
    while (split * 2 < count) {
        split *= 2;
    }
    struct sha256 left = slow_root(leaves, split);
    struct sha256 right = slow_root(leaves + split, count - split);
    return tree_hash_node(&left, &right);
}

#define SIZES 700
#define LARGE 66000

static void hashes_are_those_of_the_rfc(void **state)
{
    (void)state;
    char text[SHA256_HEX_LEN + 1];
    struct sha256 leaf = tree_hash_leaf(bytes_from(NULL, 0));
    sha256_hex(&leaf, text);
    assert_string_equal(text, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    struct sha256 root;
    assert_true(tree_compute_root(0, fake_node, NULL, &root));
    sha256_hex(&root, text);
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void roots_agree_with_the_definition(void **state)
{
    (void)state;
    struct fake_database fake;
    fake_open(&fake, SIZES, 0, SIZES);
    for (uint64_t size = 1; size <= SIZES; size++) {
        struct sha256 slow = slow_root(fake.levels[0].hashes, size);
        struct sha256 root = fake_root(&fake, size);
        assert_true(sha256_equal(&slow, &root));
    }
    fake_close(&fake);
}

/* One of several small changes, none of which may pass. */
static void spoil(struct tree_proof *proof, uint64_t round)
{
    size_t place = proof->count == 0 ? 0 : round % proof->count;
    if (proof->count == 0 || round % 4 == 0) {
        proof->hashes[proof->count++] = tree_hash_leaf(bytes_from("x", 1));
    } else if (round % 4 == 1) {
        proof->count--;
    } else if (round % 4 == 2 || proof->count == 1) {
        proof->hashes[place].bytes[round % SHA256_LEN] ^= (uint8_t)(1 << round % 8);
    } else {
        struct sha256 kept = proof->hashes[0];
        proof->hashes[0] = proof->hashes[proof->count - 1];
        proof->hashes[proof->count - 1] = kept;
    }
}

static void check_inclusion(struct fake_database *fake, uint64_t index, uint64_t size,
                            const struct sha256 *root)
{
    struct tree_proof proof;
    const struct sha256 *leaves = fake->levels[0].hashes;
    assert_true(tree_prove_inclusion(index, size, fake_node, fake, &proof));
    assert_true(tree_check_inclusion(&leaves[index], index, size, &proof, root));
    uint64_t other = (index + 1) % size;
    if (other != index) {
        assert_false(tree_check_inclusion(&leaves[other], index, size, &proof, root));
        assert_false(tree_check_inclusion(&leaves[index], other, size, &proof, root));
    }
    assert_false(tree_check_inclusion(&leaves[index], index, size, &proof, &leaves[other + 1]));
    spoil(&proof, index + size);
    assert_false(tree_check_inclusion(&leaves[index], index, size, &proof, root));
}

static void check_consistency(struct fake_database *fake, uint64_t old_size, uint64_t size,
                              const struct sha256 *old_root, const struct sha256 *root)
{
    struct tree_proof proof;
    assert_true(tree_prove_consistency(old_size, size, fake_node, fake, &proof));
    assert_true(tree_check_consistency(old_size, old_root, size, root, &proof));
    assert_false(tree_check_consistency(size, root, old_size, old_root, &proof) &&
                 old_size != size);
    if (old_size != size) {
        assert_false(tree_check_consistency(old_size, root, size, root, &proof));
        assert_false(tree_check_consistency(old_size, old_root, size, old_root, &proof));
    }
    spoil(&proof, old_size + size);
    assert_false(tree_check_consistency(old_size, old_root, size, root, &proof));
}

static void all_proofs_up_to_700_records_hold(void **state)
{
    (void)state;
    struct fake_database fake;
    struct sha256 roots[SIZES + 1];
    fake_open(&fake, SIZES + 1, 0, SIZES);
    for (uint64_t size = 1; size <= SIZES; size++) {
        roots[size] = fake_root(&fake, size);
        for (uint64_t other = 1; other <= size; other++) {
            check_inclusion(&fake, other - 1, size, &roots[size]);
            check_consistency(&fake, other, size, &roots[other], &roots[size]);
        }
    }
    fake_close(&fake);
}

static void proofs_of_a_large_tree_hold(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {65535, 65536, 65537, LARGE - 1};
    struct fake_database fake;
    fake_open(&fake, LARGE, 0, LARGE);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct sha256 root = fake_root(&fake, sizes[i]);
        for (uint64_t step = 0; step < 300; step++) {
            uint64_t other = step * 7919 % sizes[i] + 1;
            struct sha256 old_root = fake_root(&fake, other);
            check_inclusion(&fake, other - 1, sizes[i], &root);
            check_consistency(&fake, other, sizes[i], &old_root, &root);
        }
    }
    fake_close(&fake);
}

static void sizes_at_the_end_of_the_numbers_do_no_harm(void **state)
{
    (void)state;
    struct tree_proof proof = {.count = TREE_PROOF_MAX};
    struct sha256 hash = tree_hash_leaf(bytes_from(NULL, 0));
    static const uint64_t sizes[] = {0, 1, 2, UINT64_MAX / 2, UINT64_MAX - 1, UINT64_MAX};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        for (size_t j = 0; j < ARRAY_LEN(sizes); j++) {
            assert_false(tree_check_inclusion(&hash, sizes[i], sizes[j], &proof, &hash));
            assert_false(tree_check_consistency(sizes[i], &hash, sizes[j], &hash, &proof));
        }
    }
    assert_false(tree_prove_inclusion(5, 5, fake_node, NULL, &proof));
}

/* A hash of the vectors; a few are texts of another length that stand for any root. */
static bool read_hash(const char *text, struct sha256 *ret)
{
    size_t len;
    *ret = (struct sha256){{0}};
    return text != NULL &&
           decode_base64(bytes_from_string(text), BASE64_STANDARD, ret->bytes, SHA256_LEN, &len) &&
           len > 0;
}

/* False if a number is none that a tree can have. */
static bool read_size(const struct cJSON *root, const char *name, uint64_t *ret)
{
    return json_get_uint(json_member(root, name), ret);
}

static bool read_proof(const struct cJSON *root, struct tree_proof *ret)
{
    const struct cJSON *item = json_first(json_member(root, "proof"));
    for (ret->count = 0; item != NULL; item = json_next(item)) {
        uint8_t raw[64];
        size_t len;
        const char *text = json_get_string(item);
        if (text == NULL || ret->count == TREE_PROOF_MAX ||
            !decode_base64(bytes_from_string(text), BASE64_STANDARD, raw, sizeof(raw), &len) ||
            len != SHA256_LEN) {
            return false;
        }
        (void)!read_hash(text, &ret->hashes[ret->count++]);
    }
    return true;
}

static bool accepts_vector(const struct cJSON *root)
{
    struct tree_proof proof;
    uint64_t first, second;
    if (!read_proof(root, &proof)) {
        return false;
    }
    struct sha256 one, other;
    if (json_member(root, "leafIdx") != NULL) {
        return read_hash(json_member_string(root, "leafHash"), &one) &&
               read_hash(json_member_string(root, "root"), &other) &&
               read_size(root, "leafIdx", &first) && read_size(root, "treeSize", &second) &&
               tree_check_inclusion(&one, first, second, &proof, &other);
    }
    return read_hash(json_member_string(root, "root1"), &one) &&
           read_hash(json_member_string(root, "root2"), &other) &&
           read_size(root, "size1", &first) && read_size(root, "size2", &second) &&
           tree_check_consistency(first, &one, second, &other, &proof);
}

static void check_vector(const char *path, unsigned counts[2])
{
    struct json_document *document;
    struct bytes text = file_load(path);
    bool refused;
    assert_true(json_parse(text, &document, NULL));
    const struct cJSON *root = json_root(document);
    assert_true(json_get_bool(json_member(root, "wantErr"), &refused));
    if (accepts_vector(root) == refused) {
        fail_msg("%s", path);
    }
    counts[refused]++;
    json_document_free(&document);
    free((void *)(uintptr_t)text.data);
}

static void check_vectors_below(const char *folder, unsigned counts[2])
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
            check_vectors_below(path, counts);
        } else if (strstr(entry->d_name, ".json") != NULL) {
            check_vector(path, counts);
        }
    }
    closedir(dir);
}

static void agrees_with_the_vectors_of_others(void **state)
{
    (void)state;
    char folder[2048];
    unsigned counts[2] = {0};
    if (!corpus_find("merkle-proofs", folder, sizeof(folder))) {
        skip();
    }
    check_vectors_below(folder, counts);
    assert_int_equal(counts[0], 12);
    assert_int_equal(counts[1], 184);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(hashes_are_those_of_the_rfc),
    cmocka_unit_test(roots_agree_with_the_definition),
    cmocka_unit_test(all_proofs_up_to_700_records_hold),
    cmocka_unit_test(proofs_of_a_large_tree_hold),
    cmocka_unit_test(sizes_at_the_end_of_the_numbers_do_no_harm),
    cmocka_unit_test(agrees_with_the_vectors_of_others),
};
UNIT_MAIN(tests)
