/* An image in memory with tables of embedded files as the compiler writes them, for tests to spoil.
 */
#pragma once

#include "verifier/image/embedded.h"

#define EMBEDDED_BASE 0x401000U
#define EMBEDDED_WIDTH 8U
/* Where the slice header of the first table is. */
#define EMBEDDED_HEADER 64U
/* Where texts begin: a table must end before. */
#define EMBEDDED_TEXTS 8192U

struct embedded_maker {
    uint8_t bytes[65536];
    size_t header; /* of the table that is being made */
    size_t len;    /* texts reach up to there */
    struct image_segment segment;
    struct image_section section;
    struct image image;
};

/* How the compilers of three times hash. */
enum embedded_kind { PLAIN, TURNED, FLIPPED, PREFIXED };

/* No table yet. The image points into RET, which must stay where it is. */
void embedded_make(struct embedded_maker *ret);

/* A pointer's width at AT. */
void embedded_put(struct embedded_maker *maker, size_t at, uint64_t value);
void embedded_put_hash(struct embedded_maker *maker, size_t at, struct bytes content,
                       enum embedded_kind kind);

/* The header of a table of COUNT entries, where the last one ended. */
void embedded_put_header(struct embedded_maker *maker, size_t count);
/* Entry INDEX of that table; a NAME that ends with a slash is a directory. */
void embedded_put_entry(struct embedded_maker *maker, size_t index, const char *name,
                        struct bytes content, enum embedded_kind kind);
/* Where entry INDEX of that table is. */
size_t embedded_entry_at(const struct embedded_maker *maker, size_t index);

/* A whole table: NAMES and CONTENTS end with NULL; the next one comes behind it. */
void embedded_put_table(struct embedded_maker *maker, const char *const *names,
                        const char *const *contents);
