/* The entries of an archive, one after the other, handed to somebody who makes files of them.
 *
 * Nothing that an archive says is obeyed but names of files and directories and their bytes: no
 * links, devices, owners, modes or times. Whatever names are unsafe end it. Runs confined, and the
 * one who started us believes nothing of it but what lies on disk afterwards. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"
#include "verifier/fetch/container_kind.h"

enum unpack_kind {
    UNPACK_MODULE,   /* a zip; Go's reading: what is no directory by its name is a plain file, a
                        link's text its content; every name begins with the prefix, which is cut */
    UNPACK_PACKAGE,  /* any other; what is neither file nor directory is reported and skipped */
    UNPACK_PROGRAMS, /* a package of which only files are wanted that may be programs, or archives
                        with programs: by their first bytes, and not below
                        LIMIT_INSPECT_ARCHIVE_LEAST; the others are not even decompressed where
                        that can be helped */
};

/* Where the entries go. Paths are relative and safe; a file's parents may not exist yet. */
struct unpack_sink {
    void *context;
    bool (*make_directory)(void *context, const char *path, struct error *err);
    bool (*open_file)(void *context, const char *path, struct error *err);
    bool (*write_file)(void *context, struct bytes bytes, struct error *err);
    bool (*close_file)(void *context, struct error *err);
    void (*skipped)(void *context, const char *path, const char *what);
};

struct unpack_limits {
    uint64_t entries, bytes;
};

struct unpack_counts {
    uint64_t files, bytes, skipped;
};

struct archive;

/* A reader for KIND and nothing else: what libarchive is left to guess, it unpacks layer after
 * layer without end. To be opened by unpack_input_open. Aborts if memory is out. */
struct archive *unpack_reader_new(const struct container_kind *kind);
void unpack_reader_free(struct archive **reader);

/* Goes over all entries of READER, which has been opened. PREFIX of a package: "", or "/" where
 * names may begin with that. */
CHECKED bool unpack_entries(struct archive *reader, enum unpack_kind kind, const char *prefix,
                            const struct unpack_limits *limits, const struct unpack_sink *sink,
                            struct unpack_counts *ret, struct error *err);
