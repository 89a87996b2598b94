/* Between the files of differ. */
#pragma once

#include "verifier/differ.h"
#include "verifier/worker.h"

/* Opens the part of FD that LIKE shows. */
CHECKED bool differ_open_part(int fd, const struct source *like, struct source *ret,
                              struct error *err);

/* Starts a process that computes both linker hashes while another one compares: what it returns is
 * the socket over which that one asks, -1 where it has to hash by itself. *RET is set only with a
 * socket, and has to live as long. */
int differ_hash_beside(const struct source *const sources[2], struct worker **ret);
/* Of a struct diff_hasher whose context is that socket. */
void differ_begin_hashes(const void *context);
CHECKED bool differ_finish_hashes(const void *context, enum linker_hash ret[2], struct error *err);

/* One comparison in a confined process, of the files as they are. */
CHECKED bool differ_compare(const struct source *const sources[2], struct arena *arena,
                            struct diff_result *ret, struct error *err);

/* Where RESULT says that one of them is packed: unpacks what is packed and compares again, if this
 * machine can; else RESULT says why not. Fails only if a signal came. */
CHECKED bool differ_undo_packing(const struct source *const sources[2], struct arena *arena,
                                 struct diff_result *result, struct error *err);
