/* A result that `gate` or `rebuild` wrote, read back to be shown: nothing is rebuilt, and nothing
 * of what it says is proven by reading it.
 *
 * Takes the documents of `gate --json` and `rebuild --json`, the summary.json of a gate's evidence
 * and the index.json of any. A result without pairs is shown as if each artifact of it were one. */
#pragma once

#include "attest/release/release.h"

/* What was read of all documents so far; zeroed at first. Everything lives in its arena. */
struct loaded_release {
    struct arena arena;
    struct manifest manifest;
    struct release release; /* to be shown; release_close afterwards */
    struct bytes *texts;    /* of each pair, as release_read reads it */
    size_t pair_capacity, result_capacity, text_capacity, stranger_capacity;
    size_t document_count;
};

/* Adds the document TEXT, which goes by NAME. ERROR_UNSUPPORTED: of another kind; ERROR_FORMAT;
 * ERROR_MISMATCH: it contradicts itself. */
CHECKED bool release_load(struct bytes text, const char *name, struct loaded_release *ret,
                          struct error *err);
/* Once all is added. */
struct release *release_loaded(struct loaded_release *loaded);
void release_load_free(struct loaded_release *loaded);
