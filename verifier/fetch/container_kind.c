// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/container_kind.h"

#include "base/limits.h"
#include "base/reader.h"

#define TAR_MAGIC_OFFSET 257
#define DEB_MAGIC "!<arch>\ndebian-binary"
#define RPM_LEAD_MAGIC "\xed\xab\xee\xdb"
#define RPM_LEAD_LEN 96
/* A header: magic, version, reserved; number of index entries; bytes of store. */
#define RPM_HEADER_MAGIC "\x8e\xad\xe8\x01"
#define RPM_HEADER_LEN 16
#define RPM_ENTRY_LEN 16
#define RPM_ALIGNMENT 8

/* Whether MAGIC stands at OFFSET. */
static bool has(const struct source *source, uint64_t offset, const char *magic)
{
    uint8_t found[32];
    size_t len = strlen(magic);
    return source_read(source, offset, found, len, NULL) && memcmp(found, magic, len) == 0;
}

static enum compression compression_at(const struct source *source, uint64_t offset)
{
    static const struct {
        const char *magic;
        enum compression compression;
    } known[] = {
        {"\x1f\x8b\x08", COMPRESSION_GZIP},
        {"\xfd"
         "7zXZ",
         COMPRESSION_XZ},
        {"\x28\xb5\x2f\xfd", COMPRESSION_ZSTD},
        {"BZh", COMPRESSION_BZIP2},
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (has(source, offset, known[i].magic)) {
            return known[i].compression;
        }
    }
    return COMPRESSION_NONE;
}

/* Passes over the RPM header at *OFFSET. Sizes are 32 bits: their sum cannot overflow 64. */
static bool pass_rpm_header(const struct source *source, uint64_t *offset)
{
    uint8_t header[RPM_HEADER_LEN];
    uint32_t entries, bytes;
    if (!has(source, *offset, RPM_HEADER_MAGIC) ||
        !source_read(source, *offset, header, sizeof(header), NULL)) {
        return false;
    }
    struct reader reader = reader_over(bytes_from(header, sizeof(header)), BIG_ENDIAN_ORDER);
    if (!reader_skip(&reader, 8) || !reader_u32(&reader, &entries) ||
        !reader_u32(&reader, &bytes)) {
        return false;
    }
    *offset += RPM_HEADER_LEN + (uint64_t)entries * RPM_ENTRY_LEN + bytes;
    return true;
}

/* Behind the lead stand the signature, padded, and the header; then the payload. */
static bool find_rpm_payload(const struct source *source, struct container_kind *ret)
{
    uint64_t offset = RPM_LEAD_LEN;
    if (!pass_rpm_header(source, &offset)) {
        return false;
    }
    offset += -offset % RPM_ALIGNMENT;
    if (!pass_rpm_header(source, &offset) || offset >= source->size) {
        return false;
    }
    *ret = (struct container_kind){CONTAINER_RPM, compression_at(source, offset), offset};
    return true;
}

bool container_kind_detect(const struct source *source, struct container_kind *ret)
{
    struct container_kind kind = {.format = CONTAINER_TAR,
                                  .compression = compression_at(source, 0)};
    if (has(source, 0, RPM_LEAD_MAGIC)) {
        return find_rpm_payload(source, ret);
    }
    if (has(source, 0, "PK\3\4")) {
        kind.format = CONTAINER_ZIP;
    } else if (has(source, 0, DEB_MAGIC)) {
        kind.format = CONTAINER_DEB;
    } else if (kind.compression == COMPRESSION_NONE && !has(source, TAR_MAGIC_OFFSET, "ustar")) {
        return false;
    }
    *ret = kind;
    return true;
}
