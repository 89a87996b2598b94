/* Targets at an address: https alone, by the helper program that has the network.
 *
 * What is read is what came: the bytes lie in a file of the store that loses its name as soon as
 * they are all there. A download that breaks off is gone on with by the next run, where the server
 * gives a strong ETag. */
#pragma once

#include "verifier/target/target.h"

/* Whether TEXT is meant as an address: "https://..." or another scheme that is refused. */
bool download_is_address(const char *text);

/* URL as it may be shown: without user name, password, query and fragment. */
const char *download_show(const char *url, struct arena *arena);

/* Gets URL. RET is open for reading; RET_NAME, of ARENA, is what download_show says.
 * ERROR_USAGE: not https, or offline; ERROR_ABSENT, ERROR_NETWORK, ERROR_LIMIT
 * as transport.h has them. */
CHECKED bool download_open(const char *url, const struct target_settings *settings,
                           struct arena *arena, int *ret, const char **ret_name, struct error *err);
