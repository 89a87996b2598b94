// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/tree.h"

#include <stdlib.h>

/* The first byte of what is hashed keeps leaves and nodes apart (RFC 6962, 2.1). */
static const uint8_t leaf_mark = 0;
static const uint8_t node_mark = 1;

struct sha256 tree_hash_leaf(struct bytes record)
{
    AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256);
    struct sha256 result;
    digest_update(digest, bytes_from(&leaf_mark, 1));
    digest_update(digest, record);
    digest_finish(digest, result.bytes);
    return result;
}

struct sha256 tree_hash_node(const struct sha256 *left, const struct sha256 *right)
{
    uint8_t message[1 + 2 * SHA256_LEN];
    message[0] = node_mark;
    memcpy(message + 1, left->bytes, SHA256_LEN);
    memcpy(message + 1 + SHA256_LEN, right->bytes, SHA256_LEN);
    return sha256_of(bytes_from(message, sizeof(message)));
}

/* The walk that both checks of RFC 9162 share: from one node up, through the hashes of a proof. */
struct climb {
    uint64_t position, last;
};

/* True if the next hash of the proof stands to the left of where the climb is; moves one level up.
 */
static bool climb_is_right_child(struct climb *climb)
{
    bool right = (climb->position & 1) != 0 || climb->position == climb->last;
    if (right) {
        /* The last node of a level may have no sibling: levels where that is so are passed over. */
        while ((climb->position & 1) == 0 && climb->position != 0) {
            climb->position >>= 1;
            climb->last >>= 1;
        }
    }
    climb->position >>= 1;
    climb->last >>= 1;
    return right;
}

bool tree_check_inclusion(const struct sha256 *leaf, uint64_t index, uint64_t size,
                          const struct tree_proof *proof, const struct sha256 *root)
{
    if (index >= size) {
        return false;
    }
    struct climb climb = {.position = index, .last = size - 1};
    struct sha256 hash = *leaf;
    for (size_t i = 0; i < proof->count; i++) {
        if (climb.last == 0) {
            return false;
        }
        const struct sha256 *other = &proof->hashes[i];
        hash = climb_is_right_child(&climb) ? tree_hash_node(other, &hash)
                                            : tree_hash_node(&hash, other);
    }
    return climb.last == 0 && sha256_equal(&hash, root);
}

static bool is_power_of_two(uint64_t number)
{
    return number != 0 && (number & (number - 1)) == 0;
}

/* RFC 9162 2.1.4.2 for 0 < OLD_SIZE < NEW_SIZE. */
static bool check_growth(uint64_t old_size, const struct sha256 *old_root, uint64_t new_size,
                         const struct sha256 *new_root, const struct tree_proof *proof)
{
    /* A complete old tree is a node of the new one: its root is not repeated in the proof. */
    bool complete = is_power_of_two(old_size);
    if (proof->count == 0) {
        return false;
    }
    struct climb climb = {.position = old_size - 1, .last = new_size - 1};
    while ((climb.position & 1) != 0) {
        climb.position >>= 1;
        climb.last >>= 1;
    }
    struct sha256 old_hash = complete ? *old_root : proof->hashes[0];
    struct sha256 new_hash = old_hash;
    for (size_t i = complete ? 0 : 1; i < proof->count; i++) {
        const struct sha256 *other = &proof->hashes[i];
        if (climb.last == 0) {
            return false;
        }
        if (climb_is_right_child(&climb)) {
            old_hash = tree_hash_node(other, &old_hash);
            new_hash = tree_hash_node(other, &new_hash);
        } else {
            new_hash = tree_hash_node(&new_hash, other);
        }
    }
    return climb.last == 0 && sha256_equal(&old_hash, old_root) &&
           sha256_equal(&new_hash, new_root);
}

bool tree_check_consistency(uint64_t old_size, const struct sha256 *old_root, uint64_t new_size,
                            const struct sha256 *new_root, const struct tree_proof *proof)
{
    if (old_size == 0 || old_size > new_size) {
        return false;
    }
    if (old_size == new_size) {
        return proof->count == 0 && sha256_equal(old_root, new_root);
    }
    return check_growth(old_size, old_root, new_size, new_root, proof);
}

/* Where RFC 6962 cuts a tree of SIZE > 1 leaves: at the largest power of two below SIZE. */
static uint64_t split(uint64_t size)
{
    return UINT64_C(1) << (63 - __builtin_clzll(size - 1));
}

/* The hash over the leaves from LOW to HIGH, LOW as the cutting makes it. Depth: one a bit of size.
 */
static bool hash_range(uint64_t low, uint64_t high, tree_node_reader *read, void *context,
                       struct sha256 *ret)
{
    uint64_t size = high - low;
    if (is_power_of_two(size)) {
        unsigned level = (unsigned)__builtin_ctzll(size);
        return read(context, level, low >> level, ret);
    }
    uint64_t middle = low + split(size);
    struct sha256 left, right;
    if (!hash_range(low, middle, read, context, &left) ||
        !hash_range(middle, high, read, context, &right)) {
        return false;
    }
    *ret = tree_hash_node(&left, &right);
    return true;
}

bool tree_compute_root(uint64_t size, tree_node_reader *read, void *context, struct sha256 *ret)
{
    if (size == 0) {
        *ret = sha256_of(bytes_from(NULL, 0));
        return true;
    }
    return hash_range(0, size, read, context, ret);
}

/* A part of the tree on the way down to what is to be proven. */
struct range {
    uint64_t low, high;
};

/* Proofs are found from the root down, but listed from the bottom up. */
static bool collect(struct range *siblings, size_t count, tree_node_reader *read, void *context,
                    struct tree_proof *ret)
{
    for (size_t i = 0; i < count; i++) {
        struct range *sibling = &siblings[count - 1 - i];
        if (!hash_range(sibling->low, sibling->high, read, context, &ret->hashes[i])) {
            return false;
        }
    }
    ret->count = count;
    return true;
}

bool tree_prove_inclusion(uint64_t index, uint64_t size, tree_node_reader *read, void *context,
                          struct tree_proof *ret)
{
    struct range siblings[TREE_PROOF_MAX];
    struct range part = {0, size};
    size_t count = 0;
    while (part.high - part.low > 1) {
        uint64_t middle = part.low + split(part.high - part.low);
        if (index < middle) {
            siblings[count++] = (struct range){middle, part.high};
            part.high = middle;
        } else {
            siblings[count++] = (struct range){part.low, middle};
            part.low = middle;
        }
    }
    return index < size && collect(siblings, count, read, context, ret);
}

bool tree_prove_consistency(uint64_t old_size, uint64_t size, tree_node_reader *read, void *context,
                            struct tree_proof *ret)
{
    struct range siblings[TREE_PROOF_MAX];
    struct range part = {0, size};
    size_t count = 0;
    if (old_size == 0 || old_size == size) {
        ret->count = 0;
        return old_size <= size;
    }
    while (part.high != old_size) {
        uint64_t middle = part.low + split(part.high - part.low);
        if (old_size <= middle) {
            siblings[count++] = (struct range){middle, part.high};
            part.high = middle;
        } else {
            siblings[count++] = (struct range){part.low, middle};
            part.low = middle;
        }
    }
    if (part.low != 0) {
        siblings[count++] = part;
    }
    return collect(siblings, count, read, context, ret);
}
