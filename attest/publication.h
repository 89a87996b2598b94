/* What attesting makes public: values that the recipe carries and that nobody may have meant for
 * others' eyes (values put in by the linker, environment, paths and addresses of the builder's).
 *
 * A signed statement cannot be taken back, so this is told before anything is written, and what
 * looks like a secret stops it. */
#pragma once

#include "attest/record.h"

struct publication {
    const char *kind;   /* "-X value", "environment", "path", "address" */
    const char *name;   /* "main.version", "GOFLAGS"; may be "" */
    const char *value;  /* as it will be published */
    const char *secret; /* why it looks like a secret; NULL if it does not */
};

/* All of SUBJECT's, in ARENA. */
void publication_list(const struct record_subject *subject, struct arena *arena,
                      struct publication **ret, size_t *ret_count);

/* Why a value NAME=VALUE looks like a secret, NULL if it does not. */
const char *publication_secret(const char *name, const char *value);
