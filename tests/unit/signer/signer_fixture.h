/* What tests of signatures share: keys of known seeds, and files signed in memory. */
#pragma once

#include "signer/signature.h"
#include "tests/unit/unit.h"

/* The key of a seed of 32 bytes NUMBER; free it. */
struct signing_key *fixture_key(uint8_t number);
/* The public half of KEY as the one trusted key; lives in ARENA. */
struct trust fixture_trust(const struct signing_key *key, struct arena *arena);
/* All parts of CONTENT. */
struct message fixture_message(struct bytes content, struct arena *arena);
/* CONTENT signed by KEY; in ARENA. Fails the test if it cannot be. */
struct bytes fixture_sign(const struct signature_format *format, const struct signing_key *key,
                          struct bytes content, struct arena *arena);
/* What the signature FILE over CONTENT comes to; SIGNATURE_UNUSABLE also if it cannot be read. */
enum signature_result fixture_judge(struct bytes file, struct bytes content,
                                    const struct trust *trust, struct error *err);
/* The same under RULES. */
enum signature_result fixture_judge_by(struct bytes file, struct bytes content,
                                       const struct trust *trust,
                                       const struct signature_rules *rules, struct error *err);
