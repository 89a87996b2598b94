/* `rebuild --out`: the evidence of what is being rebuilt. Artifacts stay open and their SBOMs are
 * made as the verdicts come; everything is written at the end, from the same document that --json
 * prints. Does nothing where --out was not given. */
#pragma once

#include "cli/evidence_out.h"
#include "verifier/report/result.h"

struct rebuild_evidence {
    struct evidence_out out;
    struct evidence_input *inputs;
    struct source **sources;
    size_t count, capacity, source_capacity;
};

/* ACCEPT: what --accept has; the name for secrets is taken out of a copy of it. */
CHECKED bool rebuild_evidence_open(struct rebuild_evidence *evidence,
                                   const struct invocation *invocation,
                                   const struct evidence_options *options,
                                   const struct strings *accept, struct error *err);
CHECKED bool rebuild_evidence_keep(struct rebuild_evidence *evidence,
                                   const struct subject_result *result,
                                   const struct source *content, struct error *err);
CHECKED bool rebuild_evidence_write(struct rebuild_evidence *evidence,
                                    const struct rebuild_result *result, struct error *err);
void rebuild_evidence_free(struct rebuild_evidence *evidence);
