/* What a rebuild came to, as a value: everything that a report, an attestation or an SBOM says.
 *
 * The zero value is "unproven". Nothing here is more than what was checked: what the artifact
 * merely claims stands in its inspection, not here. */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "verifier/compare/compare.h"
#include "verifier/compare/diff.h"
#include "verifier/fetch/fetch.h"
#include "verifier/inspect.h"
#include "verifier/recipe/recipe.h"

enum verdict { VERDICT_UNPROVEN, VERDICT_DIFFERENT, VERDICT_EQUIVALENT, VERDICT_REPRODUCED };

/* Why a subject is unproven; CODE is one of the design's reason codes, NULL if there is none. */
struct reason {
    const char *code, *detail, *cure;
};

/* A named part that artifact and rebuild differ in though they are equivalent. */
struct removed_part {
    const char *name;
    unsigned version;
    const struct byte_range *ranges;
    size_t range_count;
};

/* A file that the program embeds and that was cut out of the artifact to rebuild it. */
struct embedded_part {
    const char *path; /* below the main module's root */
    uint64_t size;
    struct sha256 sha256;
    bool replaces;             /* the source has another file of that name */
    struct byte_range *ranges; /* where it stands in the artifact */
    size_t range_count;
};

/* One build: what was changed against the one before, and what its build ID told. */
struct rebuild_try {
    const char *change;
    const char *build_id; /* of the rebuild; "" if it failed or has none */
    double seconds;
};

struct subject_result {
    const char *name;
    size_t container; /* index into the containers; SIZE_MAX: none */
    const struct inspection *file;

    enum verdict verdict;
    struct reason reason;
    bool tampered; /* an input contradicted what was promised for it: exit 4 */
    bool accepted; /* reproduced or equivalent, and each weakness is accepted by name */
    const struct removed_part *removed;
    size_t removed_count;
    const struct embedded_part *embedded; /* of the last rebuild */
    size_t embedded_count;
    struct recipe_notes notes; /* assumptions and inferences */

    bool has_rebuild;
    struct sha256 rebuilt;
    uint64_t rebuilt_size;
    const char *rebuilt_parts[BUILD_ID_PARTS];
    bool has_difference;
    uint64_t difference_offset, differing_bytes;
    const char *difference_section; /* "" if not known */
    const struct diff *difference;  /* why; NULL if the bytes are equal, or it is not known */

    bool has_recipe;
    struct recipe recipe;     /* as it was built in the end: the ldflags are those that fit */
    struct bytes recipe_json; /* as recipe_write_json makes it: what recipe_digest is over */
    struct sha256 recipe_digest;

    const char *source_kind; /* as in the JSON */
    bool has_source;
    struct fetched_module source;
    bool has_toolchain;
    struct fetched_toolchain toolchain;
    const char *toolchain_patch; /* NULL: as published */
    size_t dependency_count, dependencies_checked, dependencies_replaced;
    const struct fetched_module *dependencies; /* as they were built from; NULL: not got */
    bool has_tree_head;
    struct tree_head tree_head;
    const char *vcs_claim; /* "unchecked", "proxy-says", "absent" */

    struct rebuild_try *tries;
    size_t try_count, try_capacity;
    struct bytes build_log; /* of the last build: untrusted text */
    const char *sandbox_kind, *sandbox_version;
    bool warm_cache; /* the standard library had been compiled before */
    double seconds, build_seconds, getting_seconds, proving_seconds;
};

/* A member that is no Go binary and is a copy of a file of the proven source. */
struct proven_member {
    const char *name, *source; /* "MODULE@VERSION/PATH" */
};

/* An archive that subjects came from. */
struct container_result {
    const char *name;
    struct sha256 sha256;
    const char *purl; /* "" if the archive does not say what package it is */
    size_t members;
    const char **unproven; /* members that nothing was proven about */
    size_t unproven_count;
    const struct proven_member *proven;
    size_t proven_count;
};

struct rebuild_result {
    const char *tool_version;
    int exit_code;
    const struct subject_result *subjects;
    size_t subject_count;
    const struct container_result *containers;
    size_t container_count;
    const char **warnings;
    size_t warning_count;
};

const char *verdict_name(enum verdict verdict);

/* Whether assumption NAME weakens the proof itself, so that exit 0 wants it accepted by name. */
bool assumption_weakens(const char *name);

/* The `reproof/rebuild/v1` document. */
void report_rebuild_json(const struct rebuild_result *result, struct buffer *out);

/* One subject as a person reads it, the verdict last. COLOR: with ANSI colours. */
void report_subject_text(const struct subject_result *subject, bool color, struct buffer *out);

/* What follows the subjects: containers with members that are no Go binary, the summary if there
 * are several. */
void report_summary_text(const struct rebuild_result *result, struct buffer *out);
