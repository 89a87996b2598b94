/* The files that keys come in, one row a format.
 *
 * Reading is strict: one key a file, exact lengths, canonical base64, no trailing data. Keys of
 * other algorithms are refused by their name. Text of secret keys stays in guarded memory. */
#pragma once

#include "signer/key.h"

/* Where a passphrase comes from. ASK puts the question about WHAT (a file's name) to whoever knows;
 * TWICE asks again for a new passphrase. An empty answer means none. */
struct passphrase_source {
    bool (*ask)(void *context, const char *what, bool twice, struct secret **ret,
                struct error *err);
    void *context;
};

/* What an encrypted key file wants to know. NAME is the file, for the question. */
struct unlock {
    const char *name;
    const struct passphrase_source *passphrase; /* NULL: nobody can be asked */
};

struct key_format {
    const char *name;        /* as --format takes it */
    const char *description; /* "minisign public key", for people */

    /* True if TEXT looks like this format's secret (or public) key, well formed or not. */
    bool (*is_secret)(struct bytes text);
    bool (*is_public)(struct bytes text);

    bool (*read_secret)(struct bytes text, const struct unlock *unlock, struct signing_key **ret,
                        struct error *err);
    bool (*read_public)(struct bytes text, struct arena *arena, struct public_key *ret,
                        struct error *err);
    /* PASSPHRASE may be empty: written in clear. Fails with ERROR_UNSUPPORTED where the format has
     * no encryption that we can write (or none but encrypted). */
    bool (*write_secret)(const struct signing_key *key, struct bytes passphrase, struct buffer *out,
                         struct error *err);
    void (*write_public)(const struct public_key *key, struct buffer *out);
};

extern const struct key_format *const key_formats[];
extern const size_t key_format_count;

extern const struct key_format key_format_cosign, key_format_minisign, key_format_openssh,
    key_format_pem, key_format_signify;

/* ERROR_USAGE lists the names. */
CHECKED bool key_format_find(const char *name, const struct key_format **ret, struct error *err);

/* Reads the public key that is all of TEXT, in whatever format. The comment lives in ARENA. */
CHECKED bool public_key_read(struct bytes text, struct arena *arena, struct public_key *ret,
                             struct error *err);
/* Reads the secret key that is all of TEXT, in whatever format. */
CHECKED bool secret_key_read(struct bytes text, const struct unlock *unlock,
                             struct signing_key **ret, struct error *err);
/* True if TEXT is some format's public key. */
bool is_public_key(struct bytes text);

/* The passphrase of an encrypted key; ERROR_USAGE if nobody can be asked. */
CHECKED bool unlock_passphrase(const struct unlock *unlock, struct secret **ret, struct error *err);
/* Sets the error for a passphrase that does not fit. */
bool unlock_refused(struct error *err);
