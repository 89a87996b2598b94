/* A policy of three rebuilders, the votes that they cast on the file "artifact", and what these
 * come to. */
#pragma once

#include "attest/ballot.h"
#include "tests/unit/attest/attest_fixture.h"

#define JANUARY "2026-01-01T00:00:00Z"
#define FEBRUARY "2026-02-01T00:00:00Z"
#define NOW 1772323200 /* 2026-03-01 */
#define DAY 86400

/* Rebuilders a, b, c with the keys 1, 2, 3; one of them is enough. */
struct box {
    struct arena arena;
    struct policy policy;
    struct buffer lines;
    struct attestations evidence;
    struct ballot ballot;
    struct seen seen;
    bool replays; /* look at SEEN */
};

/* That it was reproduced, and that it was not. */
extern const struct fixture_rebuild box_reproduced, box_different;

int box_make(void **state);
int box_drop(void **state);

void box_trust_key(struct box *box, uint8_t number, const char *operator);

void box_vote(struct box *box, const struct fixture_rebuild *wanted, uint8_t number,
              const char *time);

/* The vote of A with FROM replaced by TO in its statement: what only A itself could do. */
void box_vote_changed(struct box *box, const char *from, const char *to);

/* How many rebuilders are for the file "artifact". */
size_t box_count(struct box *box);

const struct ballot_rule *box_rule(const struct box *box, const char *name);

void box_expect_not_counted(struct box *box, const char *reason);

void box_expect_against(struct box *box, const char *part);
