/* The files that a Go program embeds: the tables behind its variables of type embed.FS.
 *
 * The compiler writes such a variable as a pointer to a slice header that points just past itself,
 * to one entry for each file and directory: name, content, and 16 bytes of a hash of the content,
 * sorted by directory and then by name (Go source, embed/embed.go type FS, and
 * cmd/compile/internal/staticdata WriteEmbed; the same since 1.16). What looks like a table is one
 * only if each hash fits its content, so nothing else is taken for a table by chance; but whoever
 * edits a file can make what fits.
 *
 * Files behind variables of type string or []byte have no table: nothing tells them from other
 * texts. Nor are tables found where their pointers are filled in as the program is loaded and the
 * file has none (position independent programs that a C linker linked). */
#pragma once

#include "base/digest.h"
#include "verifier/image/image.h"

/* SIZE bytes at OFFSET of the image's file, which stand at AT of the content. What stands in no
 * piece are zeros: Go leaves longer runs of them out of wasm. */
struct embedded_piece {
    uint64_t at, offset, size;
};

struct embedded_file {
    const char
        *name; /* below the package's directory, as the program opens it; file_path_is_plain */
    uint64_t size;
    struct sha256 sha256;
    struct embedded_piece *pieces;
    size_t piece_count;
    uint64_t hash_offset; /* of the 16 bytes in the table, in the file; 0 if not in one piece */
};

/* What one variable embeds; directories are not listed. At least one file. */
struct embedded_table {
    const char *variable; /* "PKG.VAR" off the symbol table; "" where there is none */
    uint64_t address;     /* of the slice header */
    struct embedded_file *files;
    size_t count;
};

struct embedded_tables {
    struct embedded_table *items;
    size_t count;
};

#define EMBEDDED_HASH_LEN 16

/* Finds all tables in IMAGE, ascending by address within each of its sections. Computes digests.
 * ERROR_LIMIT if there are more files, or more bytes in them, than in any source; errors of reading
 * otherwise. What is damaged is no table. */
CHECKED bool embedded_read(const struct image *image, struct arena *arena,
                           struct embedded_tables *ret, struct error *err);
