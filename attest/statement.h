/* in-toto statements (spec/v1/statement.md of in-toto/attestation): what is said (the predicate),
 * and of which files.
 *
 * Subjects are matched by SHA-256 alone; names, URIs and annotations are information. What is read
 * here must have been verified before (dsse.h). */
#pragma once

#include "attest/uris.h"
#include "base/digest.h"
#include "base/json_read.h"
#include "base/json_write.h"

struct statement_subject {
    const char *name, *uri, *platform; /* "" where it has none; information, no more */
    bool has_sha256;
    struct sha256 sha256;
};

struct statement {
    struct json_document *document;
    struct statement_subject *subjects;
    size_t subject_count;
    const char *predicate_type;
    const struct cJSON *predicate; /* an object */
};

/* Reads PAYLOAD. Texts are views into the document, which statement_free releases. ERROR_FORMAT:
 * malformed; ERROR_UNSUPPORTED: of another version. */
CHECKED bool statement_read(struct bytes payload, struct arena *arena, struct statement *ret,
                            struct error *err);
/* Accepts a zeroed one. */
void statement_free(struct statement *statement);

/* True if one of the subjects has that digest. */
CHECKED bool statement_is_about(const struct statement *statement, const struct sha256 *digest);

/* What every statement says of its subject beside the digest. */
struct subject_identity {
    const char *name;
    struct sha256 sha256;
    const char *purl;     /* with version and platform */
    const char *platform; /* "linux/amd64" */
};

/* Opens the statement up to the value of "predicate", which the caller writes; statement_end closes
 * it. */
void statement_begin(struct json_writer *json, struct buffer *out,
                     const struct subject_identity *subject, const char *predicate_type);
void statement_end(struct json_writer *json);
