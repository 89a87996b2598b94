/* Writing evidence from the command line: what `attest` and `rebuild --out` share.
 *
 * Keys are loaded and the directory is opened before any long work, so that a wrong passphrase is
 * told at once. */
#pragma once

#include "attest/evidence.h"
#include "attest/record.h"
#include "cli/command.h"

struct evidence_options {
    const char *out, *key, *attest_key, *passphrase_fd, *rebuilder;
};

#define EVIDENCE_OPTIONS(settings, field)                                                          \
    {"out", "DIR", "write evidence there: statements, signatures, recipe, index.json",             \
     OPTION_STRING, offsetof(settings, field.out)},                                                \
        {"key", "KEY", "the secret key that signs: a file, env:NAME, fd:N, or an agent's",         \
         OPTION_STRING, offsetof(settings, field.key)},                                            \
        {"attest-key", "KEY", "another key for the statements", OPTION_STRING,                     \
         offsetof(settings, field.attest_key)},                                                    \
        {"passphrase-fd", "N", "read passphrases from descriptor N, a line each", OPTION_STRING,   \
         offsetof(settings, field.passphrase_fd)},                                                 \
    {                                                                                              \
        "rebuilder", "URI", "who you are, in the statements (else made of the key)",               \
            OPTION_STRING, offsetof(settings, field.rebuilder)                                     \
    }

/* The name by which --accept lets pass what looks like a secret. */
#define ACCEPT_SECRETS "secret-values"

struct evidence_out {
    const struct invocation *invocation;
    const struct evidence_options *options;
    struct signing_key *key, *attest_key; /* attest_key NULL: the same */
    int dir;
    uint64_t time;
    bool accept_secrets;
    struct evidence_writer *writer; /* NULL until something is added */
    struct record_names names;
    struct sha256 *told; /* what becomes public, each told once */
    size_t told_count, told_capacity;
};

/* A file at hand, and its SBOM. */
struct evidence_input {
    struct sha256 sha256;
    const struct source *content; /* NULL: only known by its digest */
    struct bytes spdx;
    const char *other_type; /* NULL: nothing of others */
    struct bytes other;
};

CHECKED bool evidence_out_open(const struct invocation *invocation,
                               const struct evidence_options *options, struct evidence_out *ret,
                               struct error *err);
/* Accepts {.dir = -1}. */
void evidence_out_free(struct evidence_out *out);

/* Tells what becomes public, then adds the evidence of every subject of the record RESULT that is
 * among INPUTS, itself or as its container. ERROR_MISMATCH: an input is nothing that RESULT is of.
 */
CHECKED bool evidence_out_add(struct evidence_out *out, struct bytes result,
                              const struct evidence_input *inputs, size_t count, struct error *err);
/* Another file of the same directory. */
CHECKED bool evidence_out_add_file(struct evidence_out *out, const char *name, struct bytes content,
                                   struct error *err);
/* All that was added gets its name; nothing does before. */
CHECKED bool evidence_out_commit(struct evidence_out *out, struct error *err);

/* One record and no other. */
CHECKED bool evidence_out_write(struct evidence_out *out, struct bytes result,
                                const struct evidence_input *inputs, size_t count,
                                struct error *err);
