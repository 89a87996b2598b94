/* The standard library as a proven toolchain compiled it, kept between builds.
 *
 *     STORE/standard/KEY-DIGEST/{manifest,tree}    a build cache of Go's
 *     STATE/standard/KEY                           the SHA-256 of that manifest
 *
 * No database promises what is in a build cache, so it is believed for one reason alone: that we
 * made it, in a box that held nothing but the toolchain, and wrote down what came out, in the state
 * and not in the store. A store that was copied here, or changed, has caches that nobody wrote
 * down: they are not used. Whoever uses one copies it and hashes the copy.
 *
 * Whenever one is added, those that nobody used for LIMIT_STANDARD_AGE go, and then those used
 * longest ago until all together take no more than LIMIT_STANDARD_BYTES. */
#pragma once

#include "verifier/fetch/fetch.h"
#include "verifier/fetch/file_tree.h"

/* Waits until nobody else makes, uses or removes the cache KEY (64 hex digits). */
CHECKED bool standard_lock(struct fetcher *fetcher, const char *key, int *ret, struct error *err);
void standard_unlock(struct fetcher *fetcher, const char *key, int *lock);

/* Opens the tree of the cache KEY, as the holder of its lock, and notes that it is used; FILES are
 * what it must hold. ERROR_ABSENT if there is none that was written down. */
CHECKED bool standard_open(struct fetcher *fetcher, const char *key, struct arena *arena, int *ret,
                           struct file_tree *ret_files, struct error *err);
/* It does not hold what was written down. */
void standard_drop(struct fetcher *fetcher, const char *key, const char *reason);

/* A draft of a cache, whose tree is *RET_ROOT. */
CHECKED bool standard_draft(struct fetcher *fetcher, struct arena *arena, struct workspace *ret,
                            int *ret_root, struct error *err);
/* Gives it its name, as the holder of the lock, and makes room as said above. */
CHECKED bool standard_publish(struct fetcher *fetcher, const char *key, struct workspace *draft,
                              int root, struct error *err);

/* What standard_publish does to make room: standard_prune.c. BYTES and AGE (seconds) are what may
 * stay; what is locked stays too. */
void standard_prune(struct fetcher *fetcher, uint64_t bytes, int64_t age);
