/* Passphrases, asked for on the terminal or read from a descriptor, a line each; never an argument
 * or an environment variable, which others can see. */
#pragma once

#include "signer/key_format.h"

struct passphrase_place {
    int fd; /* -1: the terminal */
};

/* FD_TEXT: the value of --passphrase-fd, NULL if not given. */
CHECKED bool passphrase_place(const char *fd_text, struct passphrase_place *ret, struct error *err);

/* PLACE must live as long as the source. */
struct passphrase_source passphrase_source(struct passphrase_place *place);
