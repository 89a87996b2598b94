/* `reproof verify`: files, the evidence for them, and the rules that say what is enough.
 *
 * A rule gathers its evidence before the file is read (and says which parts of the file it wants),
 * then judges it, which adds results: what was wanted, what there is, whether that is enough. The
 * verdict on a file is the conjunction of its results, and starts as "undecided". Votes are
 * judged also where none is required: a trusted rebuilder's "different" is not passed over. */
#pragma once

#include "attest/ballot.h"
#include "attest/evidence_find.h"
#include "base/json_write.h"
#include "cli/command.h"
#include "signer/beside.h"

struct verify_settings {
    struct common_settings common;
    struct strings trust, revoked, signatures, evidence, required, expect, accept;
    const char *policy, *threshold, *output;
    bool legacy, any_name, allow_older;
};

enum rule_state { RULE_UNDECIDED, RULE_MET, RULE_REFUTED, RULE_UNUSABLE };

struct rule_result {
    const char *name;
    enum rule_state state;
    const char *target, *actual; /* what was wanted, and what there is; in the file's arena */
    const char *reason;          /* unless met: one sentence; may be "" */
    double seconds;              /* what judging cost; 0 where another result has it */
};

/* A signature that says something about a file, as it is told. */
struct verify_signature {
    const struct found_signature *found;
    const char *list; /* path of the list that it is over; NULL: it is over the file itself */
    struct signature_finding finding;
};

struct verify_file {
    const char *path, *folder, *name; /* folder: "" or with a slash at its end */
    int directory;
    struct arena *arena;
    struct source source;
    unsigned parts; /* of the message, that some rule wants */
    struct message message;

    struct found_signature *found;
    size_t found_count, found_capacity;
    struct verify_signature *signatures;
    size_t signature_count, signature_capacity;

    struct attestations evidence; /* the run's and the file's own */
    bool has_evidence;            /* it was read */
    struct ballot ballot;

    struct rule_result *rules;
    size_t rule_count, rule_capacity;
    enum outcome outcome;
};

/* The lists in the folder that was looked at last: files of one folder come together. */
struct verify_lists {
    const char *folder;
    struct arena arena;
    struct signed_list *lists;
    size_t count;
};

/* A directory or an address that --evidence names. */
struct verify_place {
    const char *folder; /* with a slash at its end */
    int dir;            /* -1: an address */
};

struct verify_run {
    const struct invocation *invocation;
    const struct verify_settings *settings;
    struct policy policy;
    struct signature_rules signature_rules;
    struct verify_lists lists;
    struct seen seen;

    struct attestation_reading reading;
    struct attestations evidence; /* of the places and files that --evidence names */
    struct verify_place *places;
    size_t place_count;
    struct transport *transport; /* NULL: no address was named */
    double seconds;              /* that reading these took, for all files together */
    /* A file that --evidence names has to be usable, and about the file at hand. */
    enum rule_state named_state; /* met: nothing wrong */
    const char *named_reason;
};

struct verify_rule {
    const char *name; /* as --require takes it */
    bool (*gather)(struct verify_run *run, struct verify_file *file, struct error *err);
    bool (*judge)(struct verify_run *run, struct verify_file *file, struct error *err);
};

extern const struct verify_rule verify_rule_signature, verify_rule_attestation, verify_rule_sbom;

/* What can be required; the order is that of judging. */
extern const struct verify_rule *const verify_rules[];
extern const size_t verify_rule_count;

/* Makes the policy of the options and opens what they name. */
CHECKED bool verify_settle(struct verify_run *run, struct error *err);
void verify_run_clear(struct verify_run *run);
/* Adds the keys of the file at PATH to the policy if it is a signed trust file; *RET says whether
 * it is. It has to follow on the one that was accepted before: `reproof trust accept` (trust.c). */
CHECKED bool verify_add_trust_file(struct verify_run *run, const char *path, bool *ret,
                                   struct error *err);

/* Adds a result, undecided. */
struct rule_result *verify_add_result(struct verify_file *file, const char *name);
CHECKED bool verify_requires(const struct verify_run *run, const char *name);

const char *outcome_word(enum outcome outcome);
void verify_report_text(const struct verify_file *file, struct buffer *out);
void verify_report_json_begin(struct json_writer *json, struct buffer *out);
void verify_report_json(struct json_writer *json, const struct verify_file *file);
void verify_report_json_end(struct json_writer *json);
