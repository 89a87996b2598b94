/* What the files of the kept standard libraries share. */
#pragma once

#include "verifier/fetch/fetch_internal.h"
#include "verifier/fetch/standard.h"
#include "verifier/fetch/store_internal.h"

#define STANDARD_FOLDER "standard"
/* Hex digits of the key, and of the digest behind it, in the name of one. */
#define STANDARD_KEY_LEN 40
#define STANDARD_DIGEST_LEN 20

/* Opens the folder of the store, or of the state. */
CHECKED bool standard_open_folder(struct fetcher *fetcher, int *ret, struct error *err);
CHECKED bool standard_open_notes(struct fetcher *fetcher, int *ret, struct error *err);
