// SPDX-License-Identifier: Apache-2.0
#include "verifier/image/codesign.h"

#include "base/buffer.h"
#include "base/digest.h"
#include "verifier/image/image_macho.h"
#include "verifier/image/image_pe.h"

#define SUPER_BLOB_MAGIC 0xfade0cc0
#define CODE_DIRECTORY_MAGIC 0xfade0c02
#define CMS_MAGIC 0xfade0b01
#define CMS_SLOT 0x10000
#define BLOB_HEADER_LEN 8
/* A signature has some five blobs; xnu itself looks at so many. */
#define LIMIT_BLOBS 64

/* The Go linker's (cmd/internal/codesign/codesign.go). */
#define GO_PAGE 4096
#define GO_PAGE_BITS 12
#define GO_IDENTIFIER "a.out" /* with its NUL */
#define GO_SUPER_BLOB_LEN 20
#define GO_DIRECTORY_LEN 88
#define GO_VERSION 0x20400
#define GO_FLAGS 0x20002 /* ad hoc, signed by the linker */
#define GO_HASH_TYPE 2   /* SHA-256 */
#define GO_MAIN_BINARY 1
#define PAGES_AT_ONCE 32

const char *code_signature_name(enum code_signature_kind kind)
{
    static const char *const names[] = {"none", "ad-hoc", "ad-hoc-other", "identity",
                                        "authenticode"};
    return names[kind];
}

static void put_u32(struct buffer *buffer, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        buffer_byte(buffer, (uint8_t)(value >> shift));
    }
}

static void put_u64(struct buffer *buffer, uint64_t value)
{
    put_u32(buffer, (uint32_t)(value >> 32));
    put_u32(buffer, (uint32_t)value);
}

static const struct image_segment *text_segment(const struct image *image)
{
    for (size_t i = 0; i < image->segment_count; i++) {
        if (strcmp(image->segments[i].name, "__TEXT") == 0) {
            return &image->segments[i];
        }
    }
    return NULL;
}

static uint32_t page_count(uint32_t code_len)
{
    return code_len / GO_PAGE + (code_len % GO_PAGE != 0);
}

static uint64_t go_header_len(void)
{
    return GO_SUPER_BLOB_LEN + GO_DIRECTORY_LEN + sizeof(GO_IDENTIFIER);
}

/* All that the Go linker writes before the hashes of the pages. */
static void write_go_header(const struct image *image, const struct macho_detail *macho,
                            struct buffer *out)
{
    uint32_t code_len = macho->code_signature_offset;
    const struct image_segment *text = text_segment(image);
    put_u32(out, SUPER_BLOB_MAGIC);
    put_u32(out, macho->code_signature_size);
    put_u32(out, 1);
    put_u32(out, 0); /* slot of the code directory */
    put_u32(out, GO_SUPER_BLOB_LEN);
    put_u32(out, CODE_DIRECTORY_MAGIC);
    put_u32(out, macho->code_signature_size - GO_SUPER_BLOB_LEN);
    put_u32(out, GO_VERSION);
    put_u32(out, GO_FLAGS);
    put_u32(out, GO_DIRECTORY_LEN + sizeof(GO_IDENTIFIER)); /* where the hashes begin */
    put_u32(out, GO_DIRECTORY_LEN);                         /* where the identifier is */
    put_u32(out, 0);                                        /* special slots */
    put_u32(out, page_count(code_len));
    put_u32(out, code_len);
    buffer_byte(out, SHA256_LEN);
    buffer_byte(out, GO_HASH_TYPE);
    buffer_byte(out, 0); /* platform */
    buffer_byte(out, GO_PAGE_BITS);
    put_u32(out, 0); /* spare */
    put_u32(out, 0); /* scatter */
    put_u32(out, 0); /* team */
    put_u32(out, 0); /* spare */
    put_u64(out, 0); /* code limit, if beyond 4 GiB */
    put_u64(out, text == NULL ? 0 : text->offset);
    put_u64(out, text == NULL ? 0 : text->size);
    put_u64(out, macho->file_type == MACHO_FILE_EXECUTE ? GO_MAIN_BINARY : 0);
    buffer_append(out, bytes_from(GO_IDENTIFIER, sizeof(GO_IDENTIFIER)));
}

static bool has_go_header(const struct image *image, const struct macho_detail *macho)
{
    uint8_t found[GO_SUPER_BLOB_LEN + GO_DIRECTORY_LEN + sizeof(GO_IDENTIFIER)];
    AUTO(buffer) struct buffer wanted;
    buffer_init(&wanted, sizeof(found));
    write_go_header(image, macho, &wanted);
    return buffer_ok(&wanted) &&
           source_read(&image->source, macho->code_signature_offset, found, sizeof(found), NULL) &&
           bytes_equal(buffer_view(&wanted), bytes_from(found, sizeof(found)));
}

/* Compares the hashes of all pages with those that begin at offset HASHES. */
static bool pages_match(const struct source *source, uint32_t code_len, uint64_t hashes)
{
    uint8_t pages[PAGES_AT_ONCE * GO_PAGE];
    uint8_t wanted[PAGES_AT_ONCE * SHA256_LEN];
    for (uint64_t at = 0; at < code_len; at += sizeof(pages)) {
        size_t len = code_len - at < sizeof(pages) ? (size_t)(code_len - at) : sizeof(pages);
        size_t hashes_len = page_count((uint32_t)len) * (size_t)SHA256_LEN;
        uint64_t place = hashes + at / GO_PAGE * SHA256_LEN;
        if (!source_read(source, at, pages, len, NULL) ||
            !source_read(source, place, wanted, hashes_len, NULL)) {
            return false;
        }
        for (size_t from = 0; from < len; from += GO_PAGE) {
            size_t page = len - from < GO_PAGE ? len - from : GO_PAGE;
            struct sha256 sum = sha256_of(bytes_from(pages + from, page));
            if (!bytes_equal(sha256_view(&sum),
                             bytes_from(wanted + from / GO_PAGE * SHA256_LEN, SHA256_LEN))) {
                return false;
            }
        }
    }
    return true;
}

static bool is_go_linkers(const struct image *image, const struct macho_detail *macho)
{
    uint32_t code_len = macho->code_signature_offset;
    uint64_t size = go_header_len() + (uint64_t)page_count(code_len) * SHA256_LEN;
    return macho->code_signature_size == size && has_go_header(image, macho) &&
           pages_match(&image->source, code_len, code_len + go_header_len());
}

/* True if the blob at OFFSET of the signature is a signed message that is not empty. */
static bool is_message(const struct source *signature, uint32_t offset)
{
    uint8_t raw[BLOB_HEADER_LEN];
    uint32_t magic;
    uint32_t len;
    if (!source_read(signature, offset, raw, sizeof(raw), NULL)) {
        return false;
    }
    struct reader reader = reader_over(bytes_from(raw, sizeof(raw)), BIG_ENDIAN_ORDER);
    return reader_u32(&reader, &magic) && reader_u32(&reader, &len) && magic == CMS_MAGIC &&
           len > BLOB_HEADER_LEN;
}

static bool has_identity(const struct source *signature)
{
    uint8_t raw[12 + LIMIT_BLOBS * 8];
    size_t len = signature->size < sizeof(raw) ? (size_t)signature->size : sizeof(raw);
    uint32_t magic;
    uint32_t size;
    uint32_t count;
    uint32_t slot;
    uint32_t offset;
    if (!source_read(signature, 0, raw, len, NULL)) {
        return false;
    }
    struct reader reader = reader_over(bytes_from(raw, len), BIG_ENDIAN_ORDER);
    if (!reader_u32(&reader, &magic) || !reader_u32(&reader, &size) ||
        !reader_u32(&reader, &count) || magic != SUPER_BLOB_MAGIC) {
        return false;
    }
    for (uint32_t i = 0; i < count && i < LIMIT_BLOBS; i++) {
        if (!reader_u32(&reader, &slot) || !reader_u32(&reader, &offset)) {
            return false;
        }
        if (slot == CMS_SLOT && is_message(signature, offset)) {
            return true;
        }
    }
    return false;
}

static bool read_macho(const struct image *image, const struct macho_detail *macho,
                       struct code_signature *ret, struct error *err)
{
    struct code_signature result = {.kind = CODE_SIGNATURE_AD_HOC_OTHER,
                                    .offset = macho->code_signature_offset,
                                    .size = macho->code_signature_size};
    struct source signature;
    if (!source_slice(&image->source, result.offset, result.size, &signature, err)) {
        return error_prefix(err, "code signature");
    }
    if (is_go_linkers(image, macho)) {
        result.kind = CODE_SIGNATURE_AD_HOC;
    } else if (has_identity(&signature)) {
        result.kind = CODE_SIGNATURE_IDENTITY;
    }
    *ret = result;
    return true;
}

bool code_signature_read(const struct image *image, struct code_signature *ret, struct error *err)
{
    const struct macho_detail *macho = image_macho(image);
    const struct pe_detail *pe = image_pe(image);
    struct code_signature result = {.kind = CODE_SIGNATURE_NONE};
    if (macho != NULL && macho->has_code_signature) {
        return read_macho(image, macho, ret, err);
    }
    if (pe != NULL && pe->directories[PE_DIRECTORY_CERTIFICATE].size > 0) {
        result.kind = CODE_SIGNATURE_AUTHENTICODE;
        result.offset = pe->directories[PE_DIRECTORY_CERTIFICATE].address;
        result.size = pe->directories[PE_DIRECTORY_CERTIFICATE].size;
    }
    *ret = result;
    return true;
}
