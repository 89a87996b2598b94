/* The SBOM of a rebuild's result: what `rebuild --out` and `gate` write beside an artifact. What
 * the rebuild proved is marked proven; nothing is fetched. */
#pragma once

#include "attest/sbom/sbom_store.h"
#include "attest/sbom/sbom_write.h"

struct sbom_result_settings {
    const char *store, *state;
    unsigned jobs;
    bool has_epoch;
    uint64_t epoch;
    const char *author, *author_contact; /* NULL: the project's own */
};

/* Appends the SBOM of RESULT, whose artifact is SOURCE, to OUT. ERROR_MISMATCH if SOURCE is not the
 * file that RESULT is about. */
CHECKED bool sbom_write_result(const struct subject_result *result, const struct source *source,
                               const struct sbom_result_settings *settings, enum sbom_format format,
                               struct buffer *out, struct error *err);

/* One document of a release: what it is called, and the file's name, digest and namespace. */
struct sbom_release_part {
    const char *name;      /* of the artifact */
    const char *platform;  /* "linux/amd64 v1 tags=..." */
    struct bytes document; /* the SPDX 2.3 document itself, unless it was settled: */
    const char *document_namespace, *document_sha1;
};

/* Takes from PART's document what a release says of it, so that the document itself is not needed
 * any more. ERROR_FORMAT if it is no SPDX 2.3 document. */
CHECKED bool sbom_release_settle(struct sbom_release_part *part, struct arena *arena,
                                 struct error *err);

/* Appends an SPDX 2.3 document that describes the release NAME VERSION by referring to the
 * documents of its artifacts, PARTS (COUNT of them). CREATED is RFC 3339. ERROR_FORMAT if one is no
 * SPDX 2.3 document. */
CHECKED bool sbom_write_release(const char *name, const char *version, const char *created,
                                const struct sbom_release_part *parts, size_t count,
                                struct buffer *out, struct error *err);
