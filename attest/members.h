/* Objects of strict JSON files that people write (policies, trust files): every member is known and
 * of its kind, or the file is refused. A misspelt rule must not be a rule that silently is not
 * there. */
#pragma once

#include "attest/policy.h"

/* Members of OBJECT are all among KNOWN (NULL-terminated); WHERE names the object. */
CHECKED bool members_check(const struct cJSON *object, const char *const *known, const char *where,
                           struct error *err);
/* Each leaves *RET alone where the member is absent, and copies texts into ARENA. */
CHECKED bool members_text(const struct cJSON *object, const char *key, struct arena *arena,
                          const char **ret, struct error *err);
CHECKED bool members_time(const struct cJSON *object, const char *key, time_t *ret,
                          struct error *err);
CHECKED bool members_number(const struct cJSON *object, const char *key, uint64_t maximum,
                            uint64_t *ret, struct error *err);
CHECKED bool members_flag(const struct cJSON *object, const char *key, bool *ret,
                          struct error *err);
CHECKED bool members_names(const struct cJSON *object, const char *key, struct arena *arena,
                           struct names *ret, struct error *err);

/* The entry {"key", "owner", "operator", "valid_from", "valid_until", "revoked", "roles"} of a list
 * of keys; RET_ROLES may be NULL where there are none. */
CHECKED bool members_key(const struct cJSON *object, struct arena *arena, struct trusted_key *ret,
                         const char **ret_operator, struct names *ret_roles, struct error *err);
