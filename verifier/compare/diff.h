/* What two Go programs differ in, as a value: verdict, cause, and every part that differs.
 *
 * A is the published file, B the other one (a rebuild). The zero verdict is "different". Content is
 * never normalised for the verdict; what a rule of the ladder left out is listed with its ranges.
 * Everything here came out of a confined process and lives in one arena. */
#pragma once

#include "base/arena.h"
#include "base/source.h"
#include "verifier/compare/compare.h"
#include "verifier/inspect.h"

enum diff_verdict { DIFF_DIFFERENT, DIFF_EQUIVALENT, DIFF_IDENTICAL };

/* Why they differ: a code that is stable, what was seen that says so, and what to do next. */
struct diff_cause {
    const char *code, *detail, *evidence, *next; /* the last two may be "" */
};

/* A rung of the ladder that was needed for the files to be equal. */
struct diff_removed {
    const char *name; /* "go-build-id" */
    uint32_t version; /* of the rule */
    const char *how;  /* "put onto B", "left out of both" */
    struct byte_range *ranges_a, *ranges_b;
    size_t count_a, count_b;
};

enum diff_state { DIFF_EQUAL, DIFF_CHANGED, DIFF_ONLY_A, DIFF_ONLY_B };

/* A part of the file: a section, or what lies outside of any. */
struct diff_part {
    const char *name,
        *role;     /* role: "code", "data", "symbols", "debug", "headers", "signature"... */
    uint8_t state; /* enum diff_state */
    uint64_t offset_a, size_a, offset_b, size_b; /* in the files */
    uint64_t differing;                          /* bytes */
    struct byte_range *ranges; /* in A's offsets; of a part that only B has, in B's */
    size_t range_count;
    bool more_ranges;
};

struct diff_function {
    const char *name;
    const char *file; /* "" if not known */
    uint64_t line;    /* of the first instruction that differs; else of the function; 0: unknown */
    uint64_t address_a, size_a, address_b, size_b; /* 0 where a side has none */
};

/* At most LIMIT_DIFF_ITEMS of TOTAL. */
struct diff_functions {
    struct diff_function *items;
    size_t count;
    uint64_t total;
};

/* A line of the build information; "" with has_x false where a side has none. */
struct diff_change {
    const char *kind; /* "go", "path", "mod", "dep", "build" */
    const char *name; /* of the module or setting */
    const char *a, *b;
    bool has_a, has_b;
};

struct diff_string {
    const char *kind; /* "x-value", "string" */
    const char *name; /* of the variable; "" if not known */
    const char *part; /* the section that it was read from */
    const char *a, *b;
    bool has_a, has_b;
};

struct diff_embedded_side {
    uint64_t size;
    struct sha256 sha256;
    bool whole;           /* stands in the file in one piece, at OFFSET */
    uint64_t offset;      /* 0 if it is empty */
    uint64_t hash_offset; /* of the hash in its table; 0 if not known */
};

/* A file that the programs embed and that differs, or that one side has alone. */
struct diff_embedded {
    const char *name;     /* as the program opens it */
    const char *variable; /* "PKG.VAR" that embeds it; "" if not known */
    uint8_t state;        /* enum diff_state */
    struct diff_embedded_side a, b;
};

#define DIFF_HEX_BYTES 32

/* The bytes around a difference. */
struct diff_hex {
    const char *part;
    uint64_t offset_a, offset_b;
    struct bytes a, b; /* at most DIFF_HEX_BYTES */
};

/* What one side is, as far as the reports tell. */
struct diff_side {
    const char *format, *platform, *go_version, *path;
    uint64_t size;
    const char *build_id;
    const char *parts[BUILD_ID_PARTS];
    uint8_t linker_hash; /* enum linker_hash */
    const char *signature, *packer;
};

struct diff {
    const char *name; /* of the slice of a fat file; "" */
    uint8_t verdict;  /* enum diff_verdict */
    struct diff_side a, b;
    struct diff_cause *causes; /* the first one counts most */
    size_t cause_count;
    struct diff_removed *removed;
    size_t removed_count;
    uint64_t differing; /* bytes at the same offset, and those that one file has more */
    uint64_t first_difference;
    struct diff_part *parts;
    size_t part_count;
    struct diff_change *changes;
    size_t change_count;
    const char *functions_how; /* how code was compared; "" if there was no table to go by */
    struct diff_functions changed, added, removed_functions, moved;
    uint64_t functions_a, functions_b, functions_equal, functions_shifted;
    struct diff_string *strings;
    size_t string_count;
    uint64_t string_total;
    /* Only looked for where nothing else makes the files equal. */
    struct diff_embedded *embedded; /* at most LIMIT_DIFF_ITEMS */
    size_t embedded_count;
    uint64_t embedded_total;
    struct diff_hex *hex;
    size_t hex_count;
};

/* The worst of several slices, or the one. */
struct diff_result {
    uint8_t verdict;
    uint64_t size_a, size_b;
    struct diff *slices;
    size_t slice_count;
};

const char *diff_verdict_name(enum diff_verdict verdict);

/* Who computes the linker hashes of both files meanwhile: told once they will be wanted, waited for
 * when they are. */
struct diff_hasher {
    void (*begin)(const void *context);
    bool (*finish)(const void *context, enum linker_hash ret[2], struct error *err);
    const void *context;
};

/* Compares two thin images. An error is about either of them: ERROR_FORMAT, ERROR_UNSUPPORTED (no
 * Go binary), with "A" or "B" in front. To be called in a confined process. HASHER may be NULL. */
CHECKED bool diff_sources(const struct source *a, const struct source *b,
                          const struct diff_hasher *hasher, struct arena *arena, struct diff *ret,
                          struct error *err);

/* As diff_sources; the slices of fat Mach-O files are compared one by one, without HASHER. */
CHECKED bool diff_files(const struct source *a, const struct source *b,
                        const struct diff_hasher *hasher, struct arena *arena,
                        struct diff_result *ret, struct error *err);
