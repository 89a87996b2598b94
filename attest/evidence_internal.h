/* What the files that make evidence share. */
#pragma once

#include "attest/evidence.h"

struct evidence_file {
    const char *name;
    struct bytes content;
};

struct evidence_files {
    struct evidence_file *items;
    size_t count, capacity;
};

/* One call of evidence_write. */
struct evidence_run {
    const struct evidence_request *request;
    struct arena *arena;
    const char *rebuilder, *time;
    struct evidence_files *files; /* one list an artifact */
};

/* Adds a copy of CONTENT. */
void evidence_add(struct evidence_run *run, struct evidence_files *files, const char *name,
                  struct bytes content);

/* The envelopes of ARTIFACT, in all the forms that they are wanted in. */
CHECKED bool evidence_statements(struct evidence_run *run, const struct evidence_artifact *artifact,
                                 struct evidence_files *files, struct error *err);

/* The directory's README.md: what is what, and what to type. */
void evidence_readme(const struct evidence_run *run, const struct evidence_artifact *artifacts,
                     size_t count, struct buffer *out);
