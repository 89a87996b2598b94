/* The release gate's parts: judging each pair in a process of its own, and publishing the evidence
 * of all once every one of them holds. */
#pragma once

#include "attest/release/release.h"
#include "cli/command.h"
#include "cli/evidence_out.h"
#include "cli/gate_progress.h"

struct gate_settings {
    struct common_settings common;
    struct evidence_options evidence;
    const char *manifest, *source, *shard, *failures;
    struct strings reports;
    bool init, merge, cold;
};

struct gate {
    const struct invocation *invocation;
    const struct gate_settings *settings;
    struct arena *arena;
    const char *folder; /* of the manifest, absolute */
    int dir;            /* the same, open */
    int artifacts;      /* the artifacts' folder */
    int work;           /* where pairs leave what they found */
    const char *source; /* absolute; "": the module's zip */
    struct manifest manifest;
    struct release release;
    const int *works; /* that the release is read from */
    size_t work_count;
    unsigned shard, shards; /* 0 of 1: all */
};

/* Whether the pair INDEX is this shard's. */
bool gate_is_mine(const struct gate *gate, size_t index);

/* Opens the artifact of PAIR; *RET stays -1 if it is not there. */
CHECKED bool gate_open_artifact(const struct gate *gate, const struct manifest_pair *pair, int *ret,
                                struct error *err);

/* Judges PAIR and leaves its files in GATE's work folder. False only if all must end. */
CHECKED bool gate_judge_pair(const struct gate *gate, const struct manifest_pair *pair,
                             unsigned jobs, const struct gate_teller *teller, struct error *err);

/* The process in which all of the shard's pairs are judged, each in a child of its own. It waits
 * until it is told to begin: it must never have seen a secret key. */
struct gate_runner {
    int pid; /* 0: none */
    int begin;
};
CHECKED bool gate_runner_start(const struct gate *gate, struct gate_runner *ret, struct error *err);
CHECKED bool gate_runner_wait(struct gate_runner *runner, struct error *err);
/* Ends it if it runs. */
void gate_runner_free(struct gate_runner *runner);

/* Reads what the pairs left in the work folders WORKS (COUNT, which the release goes on reading
 * from) into GATE's release; of a pair that is in several, the first. *RET_BAD: the folder that an
 * error is about. */
CHECKED bool gate_collect(struct gate *gate, const int *works, size_t count, size_t *ret_bad,
                          struct error *err);

/* Writes statements, signatures, SBOMs, checksums and the signed summary into the directory of
 * --out, whole or not at all. WORKS (COUNT) are where the pairs' SBOMs lie. */
CHECKED bool gate_publish(struct gate *gate, const int *works, size_t count,
                          struct evidence_out *out, struct error *err);

/* Writes what is stated of the programs that are different (a verdict, a summary that says FAILED)
 * into the directory PATH, and of no other. */
CHECKED bool gate_attest_failures(struct gate *gate, const char *path,
                                  const struct evidence_out *out, struct error *err);

/* The lists of checksums among the manifest's "others" say of every file what it is: else
 * ERROR_UNTRUSTED. */
CHECKED bool gate_check_lists(const struct gate *gate, struct error *err);

/* `gate --init`: writes a manifest of what lies in the operand. */
enum outcome gate_init(const struct invocation *invocation);
