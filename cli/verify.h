/* `reproof verify`: files, the evidence for them, and the rules that say what is enough.
 *
 * A rule gathers its evidence before the file is read (and says which parts of the file it wants),
 * then judges it. Each rule is one row of a table; its result goes into text and JSON alike. The
 * verdict on a file is the conjunction of its rules, and starts as "undecided". */
#pragma once

#include "base/json_write.h"
#include "cli/command.h"
#include "signer/beside.h"

struct verify_settings {
    struct common_settings common;
    struct strings trust, revoked, signatures, required;
    const char *threshold, *output;
    bool legacy, any_name;
};

enum rule_state { RULE_UNDECIDED, RULE_MET, RULE_REFUTED, RULE_UNUSABLE };

struct rule_result {
    const struct verify_rule *rule;
    enum rule_state state;
    const char *target, *actual; /* what was wanted, and what there is; in the file's arena */
    const char *reason;          /* unless met: one sentence; may be "" */
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
    size_t found_count;
    struct verify_signature *signatures;
    size_t signature_count, signature_capacity;

    struct rule_result *rules;
    size_t rule_count;
    enum outcome outcome;
};

/* The lists in the folder that was looked at last: files of one folder come together. */
struct verify_lists {
    const char *folder;
    struct arena arena;
    struct signed_list *lists;
    size_t count;
};

struct verify_run {
    const struct invocation *invocation;
    const struct verify_settings *settings;
    struct trust trust;
    struct signature_rules signature_rules;
    size_t threshold; /* distinct keys, or distinct rebuilders */
    struct verify_lists lists;
};

struct verify_rule {
    const char *name; /* as --require takes it */
    bool (*gather)(struct verify_run *run, struct verify_file *file, struct error *err);
    void (*judge)(struct verify_run *run, struct verify_file *file, struct rule_result *ret);
};

extern const struct verify_rule verify_rule_signature;

const char *outcome_word(enum outcome outcome);
void verify_report_text(const struct verify_file *file, struct buffer *out);
void verify_report_json_begin(struct json_writer *json, struct buffer *out);
void verify_report_json(struct json_writer *json, const struct verify_file *file);
void verify_report_json_end(struct json_writer *json);
