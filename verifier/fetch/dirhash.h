/* h1, the hash by which go.sum and the checksum database know a module:
 * golang.org/x/mod/sumdb/dirhash (Hash1). "h1:" and the base64 of a SHA-256 over one line a file,
 * sorted by name: the SHA-256 of its content in hexadecimal, two spaces, "path@version/name",
 * newline. */
#pragma once

#include "base/digest.h"
#include "verifier/fetch/file_tree.h"

/* "h1:" and 44 characters. */
#define H1_LEN 47

/* The h1 of the module zip that TREE, already hashed, was unpacked from. PREFIX is "path@version/".
 * ERROR_UNTRUSTED if a name holds a newline. */
CHECKED bool dirhash_tree(const struct file_tree *tree, const char *prefix, char ret[H1_LEN + 1],
                          struct error *err);

/* The h1 that is recorded for a go.mod file of that content. */
void dirhash_go_mod(struct bytes content, char ret[H1_LEN + 1]);

/* The digest inside "h1:...". */
CHECKED bool dirhash_parse(const char *h1, struct sha256 *ret);
