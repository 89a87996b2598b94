/* What the files that make evidence share. */
#pragma once

#include "attest/evidence.h"

/* The names of the files of one artifact. */
struct evidence_files {
    const char **names;
    size_t count, capacity;
};

/* What is written for one artifact after the other. */
struct evidence_run {
    const struct evidence_request *request;
    const struct record *record;
    struct arena *arena; /* of the artifact at hand */
    const char *rebuilder, *time;
    struct evidence_writer *writer;
};

/* Writes CONTENT and notes NAME in FILES. */
CHECKED bool evidence_put(struct evidence_run *run, struct evidence_files *files, const char *name,
                          struct bytes content, struct error *err);

/* The envelopes of ARTIFACT, in all the forms that they are wanted in. */
CHECKED bool evidence_statements(struct evidence_run *run, const struct evidence_artifact *artifact,
                                 struct evidence_files *files, struct error *err);

/* The directory's README.md: what is what, and what to type. */
void evidence_readme_begin(const struct evidence_run *run, struct buffer *out);
void evidence_readme_add(const struct evidence_run *run, const struct record_subject *subject,
                         struct buffer *out);
