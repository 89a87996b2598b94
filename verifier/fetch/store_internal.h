/* What the files of the store share. */
#pragma once

#include "verifier/fetch/store.h"

struct store {
    int dir, objects, trees, partial, locks, drafts, work, quarantine;
    char *path;
};

/* The name that the digest in "h1:..." has in the store. ERROR_INTERNAL if H1 is none. */
CHECKED bool store_h1_name(const char *h1, char ret[SHA256_HEX_LEN + 1], struct error *err);
