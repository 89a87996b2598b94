/* Everything that one file tells without being rebuilt: build information and traits.
 *
 * The work is done by inspect_source on bytes alone; inspect_worker runs it in one confined process
 * for any number of files, and the result crosses back as one flat, bounded record. */
#pragma once

#include "base/arena.h"
#include "base/digest.h"
#include "base/source.h"
#include "verifier/buildinfo/buildinfo.h"
#include "verifier/image/image.h"

#define BUILD_ID_PARTS 4

enum linker_hash { LINKER_HASH_NONE, LINKER_HASH_MATCH, LINKER_HASH_MISMATCH };

/* Read off the bytes; "" or NULL or false where the file does not say. */
struct traits {
    enum linker_hash linker_hash; /* part 4 of the build ID recomputed: unchanged since the link? */
    const char *build_id;         /* whole text; "" if there is none */
    const char *parts[BUILD_ID_PARTS]; /* "" unless it has four parts of 20 base64url characters */
    bool host_build_id;                /* GNU note or LC_UUID */
    const char *gnu_build_id;     /* the GNU note's value in hexadecimal, "" if there is none */
    uint64_t gnu_build_id_offset; /* of that value in the file */
    bool symbol_table, dwarf, pie;
    bool trimpath;      /* file names in pclntab are trimmed */
    bool path_known;    /* pclntab could be read: trimpath and the roots mean something */
    bool cgo;           /* cgo truly used */
    bool external_link; /* linked by a C linker */
    bool shared;        /* a library: c-shared, plugin */
    const char *interpreter;
    const char **libraries;
    size_t library_count;
    const char **compilers; /* .comment and the like */
    size_t compiler_count;
    const char *code_signature; /* "none", "ad-hoc" (the Go linker's own), "ad-hoc-other",
                                   "identity", "authenticode" */
    const char *packer;         /* "" or "UPX 4.2" */
    const char *goroot, *gopath, *source_root; /* of an untrimmed build, read off pclntab */
    const char
        *pclntab_go; /* which pclntab layout: "1.2", "1.16", "1.18", "1.20"; "" if none found */
};

/* Where a section lies in the file; so that an offset can be named. */
struct section_place {
    const char *name;
    uint64_t offset, size;
};

/* No linker makes more of them that matter. */
#define INSPECT_SECTIONS 256

/* A text that -X of the link may have put into a string variable. */
struct planted_value {
    const char *name; /* "PKG.VAR" off the symbol table; "" where there is none */
    const char *text;
    uint64_t offset; /* of the variable's string header in the file; 0 if only the symbol tells */
};

/* More values than any real build sets, and a longer one: what is beyond is not listed. */
#define INSPECT_VALUES_MAXIMUM 1024
#define INSPECT_VALUE_MAXIMUM 4096

/* What is to be looked at beside headers, build information and tables; the linker hash is part of
 * INSPECT_DIGEST, too. */
enum inspect_what { INSPECT_DIGEST = 1, INSPECT_VALUES = 2, INSPECT_LINKER_HASH = 4 };

struct inspection {
    const char *name;
    bool has_digest; /* false without INSPECT_DIGEST */
    struct sha256 sha256;
    uint64_t size;
    enum image_format format;
    uint64_t slice_offset; /* of a fat Mach-O's slice in its file */
    const char *goos, *goarch;
    const char *variant; /* "GOAMD64=v1" as recorded, "" if not recorded */
    bool has_buildinfo;
    bool headerless;       /* the module text is there, but not the header by which Go finds it: the
                              linker was changed; has_buildinfo is false */
    struct buildinfo info; /* with neither: go_version alone, read off the file, or "" */
    struct traits traits;
    struct section_place *sections; /* those with content, at most INSPECT_SECTIONS */
    size_t section_count;
    struct planted_value *values; /* with INSPECT_VALUES, in the order of the file; false hits occur
                                     where there are no symbols */
    size_t value_count;
};

/* Inspects SOURCE, one thin image, for WHAT (enum inspect_what). Strings live in ARENA.
 * ERROR_UNSUPPORTED if it is no executable format that reproof knows or not a Go binary;
 * ERROR_FORMAT, ERROR_LIMIT as the parts say. */
CHECKED bool inspect_source(const struct source *source, unsigned what, struct arena *arena,
                            struct inspection *ret, struct error *err);

/* A confined process that inspects the files it is handed. */
struct inspector;
CHECKED bool inspector_open(unsigned what, struct inspector **ret, struct error *err);
void inspector_free(struct inspector **inspector);
/* The next file or queue is the last: processes then end by themselves, while their answers are
 * told. One more costs a process more. */
void inspector_last(struct inspector *inspector);

/* Inspects the open regular file FD, called NAME in results. A fat Mach-O gives one inspection for
 * each slice (name "NAME (arm64)"), all else one. A crash or a limit of the worker is an error of
 * this file alone; the next call works. */
CHECKED bool inspector_run(struct inspector *inspector, int fd, const char *name,
                           struct arena *arena, struct inspection **ret, size_t *ret_count,
                           struct error *err);

/* Many files, several at a time in up to PROCESSES (at least 1) confined processes; each is told in
 * the order in which it was added. */
struct inspect_queue;

/* Tells what file NAME came to: COUNT inspections as inspector_run has them, or WHY there are none.
 * Views live until it returns; false ends the work. */
typedef bool inspect_tell(void *context, const char *name, const struct inspection *files,
                          size_t count, const struct error *why, struct error *err);

/* INSPECTOR is in the queue's hands until that is freed. */
struct inspect_queue *inspect_queue_new(struct inspector *inspector, unsigned processes,
                                        inspect_tell *tell, void *context)
    __attribute__((returns_nonnull));
/* Takes the open file FD; one that does not begin as an executable does is passed over in silence.
 * Others added before may be told meanwhile. */
CHECKED bool inspect_queue_add(struct inspect_queue *queue, int fd, const char *name,
                               struct error *err);
/* Tells all that is left. */
CHECKED bool inspect_queue_finish(struct inspect_queue *queue, struct error *err);
void inspect_queue_free(struct inspect_queue **queue);
