/* Detached signatures: one row a format, read from a file, judged against trusted keys, written.
 *
 * What a signature says of itself (a key, a key number, a hint) only ever chooses among the keys
 * that the user trusts. Reading is strict: exact lengths, canonical base64, nothing behind the end.
 */
#pragma once

#include "signer/key.h"
#include "signer/message.h"
#include "signer/trust.h"

/* The namespace of SSHSIG that signatures of files have (ssh-keygen -Y sign -n file). */
#define SIGNATURE_NAMESPACE "file"

struct signature_format;

/* A signature as it was read; the views point into the file that was read, or its arena. */
struct signature {
    const struct signature_format *format;
    unsigned parts; /* of the message, that checking wants */
    struct bytes bytes;

    /* What it says of its key; each may be absent. */
    const uint8_t *number;            /* minisign, signify */
    const struct ed25519_public *key; /* SSHSIG */
    const char *hint;                 /* sigstore */

    bool legacy;                  /* minisign over the file itself */
    struct bytes trusted_comment; /* minisign */
    struct bytes global;          /* minisign's signature over that comment */
    struct bytes namespace;       /* SSHSIG */
    enum message_part hash;       /* SSHSIG */
    struct bytes digest;          /* sigstore: of the file, by `hash`; empty: none stated */
    struct bytes list;            /* signify: the list of checksums that it is over */
};

/* How a signature is made. */
struct signing {
    const struct signing_key *key;
    const struct message *message;
    const char *trusted_comment; /* minisign's; printable */
    bool has_pure;               /* the formats with pure Ed25519 share one signature */
    uint8_t pure[ED25519_SIGNATURE_LEN];
};

/* What a verifier lets pass. */
struct signature_rules {
    const char *namespace; /* SIGNATURE_NAMESPACE */
    const char *file_name; /* what a trusted comment must name, if it names a file; NULL: any */
    bool legacy;           /* accept minisign's legacy form */
    time_t now;
};

struct signature_format {
    const char *name;   /* as --format takes it */
    const char *suffix; /* of the file beside: ".minisig" */
    unsigned parts;     /* of the message, that writing wants */
    /* True if FILE looks like one, well formed or not. */
    bool (*is)(struct bytes file);
    /* ERROR_FORMAT: malformed. ERROR_UNSUPPORTED: of a kind that is not verified here. */
    bool (*read)(struct bytes file, struct arena *arena, struct signature *ret, struct error *err);
    bool (*write)(struct signing *signing, struct buffer *out, struct error *err);
    /* True if SIGNATURE over MESSAGE is KEY's. ERROR_MISMATCH says what does not fit;
     * ERROR_UNSUPPORTED that the rules forbid such signatures, whoever made them. */
    bool (*check)(const struct signature *signature, const struct message *message,
                  const struct ed25519_public *key, const struct signature_rules *rules,
                  struct error *err);
};

/* All formats; the order is that of output. */
extern const struct signature_format *const signature_formats[];
extern const size_t signature_format_count;
extern const struct signature_format signature_format_minisign, signature_format_raw,
    signature_format_signify, signature_format_sigstore, signature_format_ssh;

/* ERROR_USAGE lists the names. */
CHECKED bool signature_format_find(const char *name, const struct signature_format **ret,
                                   struct error *err);

/* Reads the signature that is all of FILE, whatever its format. */
CHECKED bool signature_read(struct bytes file, struct arena *arena, struct signature *ret,
                            struct error *err);

/* What a signature comes to. The zero value counts for nothing. */
enum signature_result {
    SIGNATURE_UNKNOWN_KEY, /* by a key that is not trusted */
    SIGNATURE_GOOD,
    SIGNATURE_BAD,      /* may be a trusted key's, and does not verify */
    SIGNATURE_UNUSABLE, /* malformed, or of a kind that is not accepted */
    SIGNATURE_REVOKED,
    SIGNATURE_NOT_YET,
    SIGNATURE_EXPIRED,
};

/* As in JSON and text: "good", "unknown-key". */
const char *signature_result_name(enum signature_result result);

struct signature_finding {
    enum signature_result result;
    const struct trusted_key *key; /* whose it is, or would be; may be NULL */
    struct error reason;           /* unless good */
};

/* Judges SIGNATURE over MESSAGE (which must have its parts) against TRUST. */
void signature_judge(const struct signature *signature, const struct message *message,
                     const struct trust *trust, const struct signature_rules *rules,
                     struct signature_finding *ret);

/* For the formats: the pure Ed25519 signature over the message, made once. Refuses messages of
 * other protocols (foreign.h) with ERROR_USAGE. */
CHECKED bool signing_pure(struct signing *signing, struct error *err);
/* For the formats: ERROR_MISMATCH unless BYTES is KEY's signature over MESSAGE. */
CHECKED bool signature_check_bytes(struct bytes bytes, struct bytes message,
                                   const struct ed25519_public *key, struct error *err);
/* As signature_check_bytes for pure Ed25519 over a file: no messages of other protocols. */
CHECKED bool signature_check_pure(const struct signature *signature, const struct message *message,
                                  const struct ed25519_public *key, struct error *err);
