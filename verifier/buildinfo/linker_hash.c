// SPDX-License-Identifier: Apache-2.0
#include "verifier/buildinfo/linker_hash.h"

#include <stdlib.h>

#include "base/checked.h"
#include "base/encode.h"
#include "base/scanner.h"
#include "verifier/buildinfo/build_id.h"
#include "verifier/image/image_macho.h"

#define PIECE 131072
/* An ID that begins in one piece may end in the next. */
#define CARRY (BUILD_ID_LEN - 1)
#define PART4_BYTES 15
#define GNU_NOTE_HEADER 16
#define LOAD_COMMAND_HEADER 8

struct range {
    uint64_t offset, end;
};

/* One way of blanking: a stream of its own, since what follows differs from the first ID on. */
struct blanking {
    struct range ranges[2];
    size_t range_count;
    struct digest *digest;
    uint64_t start; /* of the file: where the buffer begins */
    size_t len;
    uint8_t buffer[CARRY + PIECE];
};

static struct blanking *blanking_new(void)
{
    struct blanking *blanking = calloc(1, sizeof(*blanking));
    if (blanking == NULL) {
        bug("out of memory for %zu bytes", sizeof(*blanking));
    }
    blanking->digest = digest_new(DIGEST_SHA256);
    return blanking;
}

static void blanking_free(struct blanking **blanking)
{
    if (*blanking != NULL) {
        digest_free(&(*blanking)->digest);
        free(*blanking);
        *blanking = NULL;
    }
}

static void blank(struct blanking *blanking, struct range range)
{
    uint64_t end = blanking->start + blanking->len;
    uint64_t from = range.offset > blanking->start ? range.offset : blanking->start;
    uint64_t to = range.end < end ? range.end : end;
    if (from < to) {
        memset(blanking->buffer + (from - blanking->start), 0, (size_t)(to - from));
    }
}

static void blank_ids(struct blanking *blanking, struct bytes id)
{
    struct bytes all = bytes_from(blanking->buffer, blanking->len);
    for (size_t at = 0; (at = bytes_find(all, at, id)) != SIZE_MAX; at += id.len) {
        memset(blanking->buffer + at, 0, id.len);
    }
}

/* Takes the next PIECE of the file; hashes all that no later byte can make part of an ID. */
static void blanking_feed(struct blanking *blanking, struct bytes piece, bool last, struct bytes id)
{
    memcpy(blanking->buffer + blanking->len, piece.data, piece.len);
    blanking->len += piece.len;
    for (size_t i = 0; i < blanking->range_count; i++) {
        blank(blanking, blanking->ranges[i]);
    }
    blank_ids(blanking, id);
    size_t kept = last ? 0 : (blanking->len < CARRY ? blanking->len : CARRY);
    size_t done = blanking->len - kept;
    digest_update(blanking->digest, bytes_from(blanking->buffer, done));
    memmove(blanking->buffer, blanking->buffer + done, kept);
    blanking->start += done;
    blanking->len = kept;
}

static bool blanking_matches(struct blanking *blanking, struct bytes part4)
{
    struct sha256 sum;
    char text[BASE64_LEN(PART4_BYTES) + 1];
    digest_finish(blanking->digest, sum.bytes);
    encode_base64(bytes_from(sum.bytes, PART4_BYTES), BASE64_URL, text);
    return bytes_equal_string(part4, text);
}

/* The range that LEN bytes from OFFSET, less the first SKIP of them, make; false if it is empty. */
static bool make_range(uint64_t offset, uint64_t len, uint64_t skip, struct range *ret)
{
    struct range range = {0};
    if (!checked_add(offset, skip, &range.offset) || !checked_add(offset, len, &range.end) ||
        range.offset >= range.end) {
        return false;
    }
    *ret = range;
    return true;
}

static bool signature_range(const struct image *image, struct range *ret)
{
    const struct macho_detail *macho = image_macho(image);
    return macho != NULL && macho->has_code_signature &&
           make_range(macho->code_signature_offset, macho->code_signature_size, 0, ret);
}

static bool host_id_range(const struct image *image, struct range *ret)
{
    const struct macho_detail *macho = image_macho(image);
    if (macho != NULL) {
        return macho->has_uuid && make_range(macho->uuid_command.offset, macho->uuid_command.size,
                                             LOAD_COMMAND_HEADER, ret);
    }
    const struct image_section *note =
        image->format == IMAGE_ELF ? image_section(image, ".note.gnu.build-id") : NULL;
    return note != NULL && make_range(note->offset, note->size, GNU_NOTE_HEADER, ret);
}

bool host_build_id_present(const struct image *image)
{
    struct range range;
    return host_id_range(image, &range);
}

bool host_build_id_place(const struct image *image, uint64_t *ret_offset, uint64_t *ret_size)
{
    struct range range;
    if (!host_id_range(image, &range)) {
        return false;
    }
    *ret_offset = range.offset;
    *ret_size = range.end - range.offset;
    return true;
}

enum host_id_rule linker_hash_rule(const char *go_version)
{
    struct scanner scanner = scanner_over(bytes_from_string(go_version));
    uint64_t minor;
    if (!scanner_expect(&scanner, "go1.") || !scanner_number(&scanner, 1000000, &minor)) {
        return HOST_ID_UNKNOWN;
    }
    return minor >= 24 ? HOST_ID_BLANKED : HOST_ID_KEPT;
}

static void add_range(struct blanking *blanking, struct range range)
{
    blanking->ranges[blanking->range_count++] = range;
}

/* Sets up the one or two ways of blanking that may hold for IMAGE; returns how many. */
static size_t choose_blankings(const struct image *image, const char *go_version,
                               struct blanking *ret[2])
{
    struct range range = {0};
    enum host_id_rule rule = linker_hash_rule(go_version);
    bool has_host_id = host_id_range(image, &range);
    size_t count = has_host_id && rule == HOST_ID_UNKNOWN ? 2 : 1;
    for (size_t i = 0; i < count; i++) {
        ret[i] = blanking_new();
        bool blanks = count == 2 ? i == 0 : rule == HOST_ID_BLANKED;
        if (has_host_id && blanks) {
            add_range(ret[i], range);
        }
    }
    for (size_t i = 0; i < count && signature_range(image, &range); i++) {
        add_range(ret[i], range);
    }
    return count;
}

static bool read_all(const struct source *source, struct digest *whole, struct blanking **blankings,
                     size_t count, struct bytes id, struct error *err)
{
    AUTO_FREE uint8_t *piece = malloc(PIECE);
    if (piece == NULL) {
        bug("out of memory for %d bytes", PIECE);
    }
    for (uint64_t at = 0; at < source->size;) {
        uint64_t left = source->size - at;
        struct bytes view;
        if (!source_view(source, at, piece, left < PIECE ? (size_t)left : PIECE, &view, err)) {
            return false;
        }
        at += view.len;
        if (whole != NULL) {
            digest_update(whole, view);
        }
        for (size_t i = 0; i < count; i++) {
            blanking_feed(blankings[i], view, at == source->size, id);
        }
    }
    return true;
}

bool linker_hash_compute(const struct image *image, const char *build_id, const char *go_version,
                         enum linker_hash *ret, struct sha256 *ret_sha256, struct error *err)
{
    AUTO(digest) struct digest *whole = ret_sha256 == NULL ? NULL : digest_new(DIGEST_SHA256);
    AUTO(blanking) struct blanking *first = NULL;
    AUTO(blanking) struct blanking *second = NULL;
    struct bytes parts[BUILD_ID_PARTS];
    struct blanking *blankings[2] = {0};
    enum linker_hash result = LINKER_HASH_NONE;
    size_t count = 0;
    if (build_id_split(build_id, parts)) {
        count = choose_blankings(image, go_version, blankings);
        first = blankings[0];
        second = blankings[1];
        result = LINKER_HASH_MISMATCH;
    }
    if ((whole != NULL || count > 0) &&
        !read_all(&image->source, whole, blankings, count, bytes_from_string(build_id), err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (blanking_matches(blankings[i], parts[BUILD_ID_PARTS - 1])) {
            result = LINKER_HASH_MATCH;
        }
    }
    if (whole != NULL) {
        digest_finish(whole, ret_sha256->bytes);
    }
    *ret = result;
    return true;
}
