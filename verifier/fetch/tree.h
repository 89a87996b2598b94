/* Merkle trees of a transparency log: hashes and proofs, without any idea where hashes come from.
 *
 * RFC 6962 section 2.1 (hashes) and RFC 9162 sections 2.1.3.2 and 2.1.4.2 (checking proofs). A node
 * is named by its level (0: leaves) and its position on it; it stands for the 2^level leaves from
 * position * 2^level on, all of them present. */
#pragma once

#include "base/digest.h"

/* As many hashes as any proof can have. */
#define TREE_PROOF_MAX 128

struct sha256 tree_hash_leaf(struct bytes record);
struct sha256 tree_hash_node(const struct sha256 *left, const struct sha256 *right);

/* A list of hashes in the order of the RFCs. */
struct tree_proof {
    struct sha256 hashes[TREE_PROOF_MAX];
    size_t count;
};

/* True if PROOF shows that LEAF is record INDEX of the tree of SIZE records with ROOT. */
CHECKED bool tree_check_inclusion(const struct sha256 *leaf, uint64_t index, uint64_t size,
                                  const struct tree_proof *proof, const struct sha256 *root);

/* True if PROOF shows that the tree of OLD_SIZE records with OLD_ROOT is how the tree of NEW_SIZE
 * with NEW_ROOT began. That every tree begins with the empty one says nothing: OLD_SIZE 0 is
 * refused. */
CHECKED bool tree_check_consistency(uint64_t old_size, const struct sha256 *old_root,
                                    uint64_t new_size, const struct sha256 *new_root,
                                    const struct tree_proof *proof);

/* Yields the hash of a node; false if it cannot be had. */
typedef bool tree_node_reader(void *context, unsigned level, uint64_t position, struct sha256 *ret);

/* The root of the first SIZE records, out of the complete subtrees that make it up. */
CHECKED bool tree_compute_root(uint64_t size, tree_node_reader *read, void *context,
                               struct sha256 *ret);

/* The proofs for tree_check_inclusion (INDEX below SIZE) and tree_check_consistency (OLD_SIZE up to
 * SIZE). */
CHECKED bool tree_prove_inclusion(uint64_t index, uint64_t size, tree_node_reader *read,
                                  void *context, struct tree_proof *ret);
CHECKED bool tree_prove_consistency(uint64_t old_size, uint64_t size, tree_node_reader *read,
                                    void *context, struct tree_proof *ret);
