// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "verifier/buildinfo/build_id.h"
#include "verifier/buildinfo/linker_hash.h"
#include "verifier/compare/ladder_internal.h"

#define PIECE 131072
/* The Go linker writes it two or three times. */
#define MASKS 16

/* All places of ID, which is BUILD_ID_LEN long, in the file. */
static bool find_all(const struct source *source, const char *id, struct range_list *masks)
{
    AUTO_FREE uint8_t *piece = malloc(PIECE + BUILD_ID_LEN);
    struct bytes wanted = bytes_from_string(id);
    size_t kept = 0;
    if (piece == NULL) {
        bug("out of memory for %d bytes", PIECE);
    }
    for (uint64_t at = 0; at < source->size;) {
        uint64_t left = source->size - at;
        size_t len = left < PIECE ? (size_t)left : PIECE;
        if (!source_read(source, at, piece + kept, len, NULL)) {
            return false;
        }
        struct bytes all = bytes_from(piece, kept + len);
        uint64_t start = at - kept;
        for (size_t hit = 0; (hit = bytes_find(all, hit, wanted)) != SIZE_MAX; hit += wanted.len) {
            range_add_exactly(masks, start + hit, wanted.len);
        }
        at += len;
        /* An ID may begin in this piece and end in the next; a whole one is not found twice. */
        kept = all.len < BUILD_ID_LEN - 1 ? all.len : BUILD_ID_LEN - 1;
        memmove(piece, piece + (all.len - kept), kept);
    }
    return !masks->more;
}

bool rung_build_id(const struct image *const images[2], const char *const ids[2],
                   struct arena *arena, struct rung *ret)
{
    struct bytes parts[BUILD_ID_PARTS];
    *ret = (struct rung){.name = "go-build-id", .how = "left out of both", .version = 1};
    if (!build_id_split(ids[0], parts) || !build_id_split(ids[1], parts) ||
        strcmp(ids[0], ids[1]) == 0) {
        return false;
    }
    for (size_t i = 0; i < 2; i++) {
        struct cut *cut = &ret->cuts[i];
        uint64_t offset;
        uint64_t size;
        range_list_init(&cut->masks, MASKS, arena);
        cut->end = images[i]->source.size;
        if (!find_all(&images[i]->source, ids[i], &cut->masks)) {
            return false;
        }
        /* Since Go 1.24 made of the Go build ID. */
        if (host_build_id_place(images[i], &offset, &size)) {
            range_add_exactly(&cut->masks, offset, size);
        }
    }
    return true;
}
