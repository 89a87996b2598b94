/* The SBOM as a value: what is in one Go binary, how far each entry is proven, and where that comes
 * from. Encodings (sbom_spdx23.h, sbom_spdx3.h) and the completeness rules (sbom_require.h) read
 * it; nothing here knows a format.
 *
 * Everything follows from the request alone, so equal requests give equal bytes. Texts that are not
 * known are "". */
#pragma once

#include "attest/sbom/file_digests.h"
#include "verifier/report/result.h"

/* The SPDX licence list that expressions are written in. */
#define SBOM_LICENCE_LIST "3.28"

/* Who vouches for an entry. */
enum sbom_standing {
    SBOM_CLAIMED,  /* the binary says so, and nobody else */
    SBOM_RECORDED, /* and its h1 is a record of the checksum database */
    SBOM_PROVEN,   /* and rebuilding from it gave the binary, byte for byte */
};

enum sbom_kind { SBOM_MAIN, SBOM_DEPENDENCY, SBOM_STDLIB, SBOM_TOOLCHAIN, SBOM_LIBRARY };

/* A licence text found in a file of a module. */
struct sbom_licence_find {
    const char *file;
    const char *expression;
    size_t offset, len; /* in bytes, of the text in the file */
    unsigned cover; /* percent of the licence's text that is there; 100 for a stated identifier */
};

/* What a module's own files say of its licence. */
struct sbom_licences {
    bool looked;                      /* the files were at hand, and held what h1 promises */
    const char *declared, *concluded; /* expressions; "" = no assertion */
    bool joined;                      /* several files or texts: the AND between them is ours */
    struct sbom_licence_find *finds;
    size_t find_count;
    const char *copyright; /* lines; "" = none found, or not looked */
};

struct sbom_component {
    enum sbom_kind kind;
    enum sbom_standing standing;
    const char *id; /* [A-Za-z0-9.-], unique in the document */
    const char *name, *version, *purl, *cpe, *h1;
    const char *supplier, *supplier_url, *home;
    const char *required_as; /* the path that go.mod files name it by */
    struct module_id source; /* of the toolchain: the module that its zip is; path NULL = unknown */
    const char *source_h1;   /* recorded for it */
    struct arena arena;      /* of what was found in its files */
    const char *replaces;    /* the module that it stands in for, "path@version" */
    const char *directory;   /* it came from this directory of the builder's machine */
    bool has_zip;
    struct file_digests zip; /* of the module zip in the store */
    const char *zip_name;
    struct bytes go_mod; /* its text; data NULL = not at hand */
    bool edges_known;
    const size_t *edges; /* components that it requires, ascending */
    size_t edge_count;
    struct sbom_licences licences;
};

/* A text that no licence of the list accounts for. */
struct sbom_licence_text {
    const char *id; /* "LicenseRef-..." */
    const char *name, *text;
};

/* Something that a reader ought to know; CODE is stable. */
struct sbom_finding {
    const char *code, *detail;
    bool passing; /* of this run, not of the binary: for people, and not in documents */
};

struct sbom_parameter {
    const char *key, *value;
};

struct sbom {
    const char *name; /* of the file */
    const struct inspection *file;
    struct file_digests digests;
    const char *version, *purl;
    const char *supplier, *supplier_url;
    const char *licence; /* of all components together; "" = no assertion */
    const char *copyright;
    enum sbom_standing standing;
    const char *verdict;                 /* in words */
    const char *author, *author_contact; /* contact: an address with '@', or a URL */
    const char *created;                 /* RFC 3339 */
    struct sbom_component *components;
    size_t count, capacity;
    size_t main, stdlib, toolchain; /* indices; SIZE_MAX: none */
    struct sbom_parameter *parameters;
    size_t parameter_count, parameter_capacity;
    const struct assumption *assumptions;
    size_t assumption_count;
    struct sbom_finding *findings;
    size_t finding_count, finding_capacity;
    struct sbom_licence_text *texts;
    size_t text_count, text_capacity;
};

struct sbom_request {
    const char *name; /* of the file, as the document is to call it */
    const struct inspection *file;
    const struct file_digests *digests;
    /* What the surroundings tell of the main module's version; NULL: nothing. */
    const struct recipe *recipe;
    const struct subject_result *result; /* of a rebuild; NULL: none was made */
    bool has_epoch;
    uint64_t epoch;                      /* SOURCE_DATE_EPOCH */
    const char *author, *author_contact; /* NULL: the project's own */
};

/* The model that the binary alone gives. Strings live in ARENA or in the request's values. */
void sbom_build(const struct sbom_request *request, struct arena *arena, struct sbom *ret);

/* Releases what sbom_enrich found; accepts a model that it never saw. */
void sbom_clear(struct sbom *sbom);

/* True if COMPONENT is part of the binary's code (and not a tool or a library beside it). */
bool sbom_is_linked(const struct sbom_component *component);

const char *sbom_standing_name(enum sbom_standing standing);

/* Notes a finding; one that is there with the same CODE is kept, and counted up by the caller. */
struct sbom_finding *sbom_add_finding(struct sbom *sbom, struct arena *arena, const char *code,
                                      const char *format, ...) PRINTF_LIKE(4, 5);

/* What the licences of all linked components come to; call it once they are known. */
void sbom_conclude(struct sbom *sbom, struct arena *arena);
