// SPDX-License-Identifier: Apache-2.0
#include "attest/ballot_rules.h"

#include "verifier/fetch/semver.h"

#define SECONDS_A_DAY 86400

/* A rule over one vote: whether VOTE meets it, and what it has (in the arena, "" for nothing). */
struct criterion {
    const char *name;
    const char *(*target)(const struct counting *counting); /* NULL: the rule does not apply */
    bool (*meets)(struct counting *counting, const struct vote *vote, const char **ret_actual,
                  struct error *err);
};

static const char *join(const struct names *names, struct arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < names->count; i++) {
        text = arena_printf(arena, "%s%s%s", text, i == 0 ? "" : ", ", names->items[i]);
    }
    return text;
}

static const char *source_target(const struct counting *counting)
{
    const struct policy *policy = counting->policy;
    const char *text = NULL;
    for (size_t i = 0; i < policy->source_count; i++) {
        const struct policy_source *source = &policy->sources[i];
        text = arena_printf(counting->arena, "%s%s%s%s%s%s%s", text == NULL ? "" : text,
                            text == NULL ? "" : " or ", source->module,
                            source->version == NULL ? "" : "@",
                            source->version == NULL ? "" : source->version,
                            source->minimal_version == NULL ? "" : " from ",
                            source->minimal_version == NULL ? "" : source->minimal_version);
    }
    return text;
}

static bool is_source(const struct policy_source *source, const struct claim *claim)
{
    if (strcmp(source->module, claim->module) != 0 ||
        (source->version != NULL && strcmp(source->version, claim->version) != 0)) {
        return false;
    }
    return source->minimal_version == NULL ||
           (claim->version[0] != '\0' &&
            semver_compare(claim->version, source->minimal_version) >= 0);
}

static bool meets_source(struct counting *counting, const struct vote *vote,
                         const char **ret_actual, struct error *err)
{
    const struct claim *claim = &vote->attestation->claim;
    (void)err;
    *ret_actual = claim->module[0] == '\0'
                      ? "no module"
                      : arena_printf(counting->arena, "%s@%s", claim->module, claim->version);
    for (size_t i = 0; i < counting->policy->source_count; i++) {
        if (is_source(&counting->policy->sources[i], claim)) {
            return true;
        }
    }
    return false;
}

static const char *platform_target(const struct counting *counting)
{
    const struct names *platforms = &counting->policy->platforms;
    return platforms->count == 0 ? NULL : join(platforms, counting->arena);
}

static bool meets_platform(struct counting *counting, const struct vote *vote,
                           const char **ret_actual, struct error *err)
{
    (void)err;
    *ret_actual = vote->attestation->claim.platform;
    return names_have(&counting->policy->platforms, *ret_actual);
}

static const char *accepted_target(const struct counting *counting)
{
    const struct names *accepted = &counting->policy->accepted;
    return accepted->count == 0 ? "bit for bit, no weak assumption"
                                : arena_printf(counting->arena, "no weakness but %s",
                                               join(accepted, counting->arena));
}

/* Reproduced, or equivalent but for parts that are accepted; and no assumption that weakens the
 * proof but accepted ones. That the rebuilder accepted it is the rebuilder's business. */
static bool meets_accepted(struct counting *counting, const struct vote *vote,
                           const char **ret_actual, struct error *err)
{
    const struct claim *claim = &vote->attestation->claim;
    const struct names *accepted = &counting->policy->accepted;
    bool meets = claim->verdict == VERDICT_REPRODUCED || claim->removed.count > 0;
    const char *text = verdict_name(claim->verdict);
    (void)err;
    for (size_t i = 0; i < claim->removed.count; i++) {
        meets &= names_have(accepted, claim->removed.items[i]);
        text = arena_printf(counting->arena, "%s, %s", text, claim->removed.items[i]);
    }
    for (size_t i = 0; i < claim->assumptions.count; i++) {
        const char *name = claim->assumptions.items[i];
        if (assumption_weakens(name)) {
            meets &= names_have(accepted, name);
            text = arena_printf(counting->arena, "%s, %s", text, name);
        }
    }
    *ret_actual = text;
    return meets;
}

static const char *forbidden_target(const struct counting *counting)
{
    const struct names *forbidden = &counting->policy->forbidden;
    return forbidden->count == 0
               ? NULL
               : arena_printf(counting->arena, "none of %s", join(forbidden, counting->arena));
}

static bool meets_forbidden(struct counting *counting, const struct vote *vote,
                            const char **ret_actual, struct error *err)
{
    const struct claim *claim = &vote->attestation->claim;
    struct names found = {.items = ARENA_ARRAY(counting->arena,
                                               claim->assumptions.count + claim->removed.count + 1,
                                               const char *)};
    (void)err;
    for (size_t i = 0; i < claim->assumptions.count; i++) {
        if (names_have(&counting->policy->forbidden, claim->assumptions.items[i])) {
            found.items[found.count++] = claim->assumptions.items[i];
        }
    }
    for (size_t i = 0; i < claim->removed.count; i++) {
        if (names_have(&counting->policy->forbidden, claim->removed.items[i])) {
            found.items[found.count++] = claim->removed.items[i];
        }
    }
    *ret_actual = found.count == 0 ? "none" : join(&found, counting->arena);
    return found.count == 0;
}

static const char *age_target(const struct counting *counting)
{
    const uint64_t age = counting->policy->maximal_age;
    return age == 0 ? NULL
                    : arena_printf(counting->arena, "at most %llu days",
                                   (unsigned long long)(age / SECONDS_A_DAY));
}

static bool meets_age(struct counting *counting, const struct vote *vote, const char **ret_actual,
                      struct error *err)
{
    const uint64_t issued = vote->attestation->claim.issued, now = (uint64_t)counting->now;
    const uint64_t age = issued > now ? 0 : now - issued;
    (void)err;
    *ret_actual =
        arena_printf(counting->arena, "%llu days", (unsigned long long)(age / SECONDS_A_DAY));
    return age <= counting->policy->maximal_age;
}

static const char *replay_target(const struct counting *counting)
{
    return counting->seen == NULL ? NULL : "nothing newer accepted before";
}

static bool meets_replay(struct counting *counting, const struct vote *vote,
                         const char **ret_actual, struct error *err)
{
    const char *newer;
    *ret_actual = "nothing newer";
    if (!seen_find_newer(counting->seen, vote->attestation, counting->arena, &newer, err)) {
        return false;
    }
    *ret_actual = newer == NULL ? *ret_actual : newer;
    return newer == NULL;
}

static const struct criterion criteria[] = {
    {"source", source_target, meets_source},
    {"platform", platform_target, meets_platform},
    {"proof", accepted_target, meets_accepted},
    {"forbidden", forbidden_target, meets_forbidden},
    {"age", age_target, meets_age},
    {"replay", replay_target, meets_replay},
};

/* The operators whose votes are for and have none of the bits MASK in `failed`, each once. */
static size_t count_operators(const struct ballot *ballot, unsigned mask, struct arena *arena,
                              const char **ret_names)
{
    struct names names = {.items = ARENA_ARRAY(arena, ballot->count + 1, const char *)};
    for (size_t i = 0; i < ballot->count; i++) {
        const struct vote *vote = &ballot->votes[i];
        if (vote->result == VOTE_FOR && (vote->failed & mask) == 0 &&
            !names_have(&names, vote->operator)) {
            names.items[names.count++] = vote->operator;
        }
    }
    if (ret_names != NULL) {
        *ret_names = join(&names, arena);
    }
    return names.count;
}

static bool apply(struct counting *counting, const struct criterion *criterion, unsigned bit,
                  struct ballot_rule *ret, struct error *err)
{
    struct ballot *ballot = counting->ballot;
    struct names actual = {.items = ARENA_ARRAY(counting->arena, ballot->count + 1, const char *)};
    /* That there are too few votes at all is told once, not by each rule. */
    size_t wanted = count_operators(ballot, 0, counting->arena, NULL);
    wanted = wanted < counting->policy->rebuilder_threshold ? wanted
                                                            : counting->policy->rebuilder_threshold;
    for (size_t i = 0; i < ballot->count; i++) {
        struct vote *vote = &ballot->votes[i];
        const char *has = "";
        struct error why = {.code = ERROR_NONE};
        if (vote->result != VOTE_FOR) {
            continue;
        }
        if (!criterion->meets(counting, vote, &has, &why)) {
            vote->failed |= bit;
            if (why.code != ERROR_NONE) {
                *err = why;
                return false;
            }
            vote->reason = arena_printf(counting->arena, "%s: %s", criterion->name, has);
        }
        if (!names_have(&actual, has)) {
            actual.items[actual.count++] = has;
        }
    }
    ret->actual = join(&actual, counting->arena);
    ret->met = count_operators(ballot, bit, counting->arena, NULL) >= wanted;
    return true;
}

bool ballot_apply_rules(struct counting *counting, struct error *err)
{
    struct ballot *ballot = counting->ballot;
    const char *names;
    bool any = count_operators(ballot, 0, counting->arena, NULL) > 0;
    ballot->rules = ARENA_ARRAY(counting->arena, ARRAY_LEN(criteria), struct ballot_rule);
    for (size_t i = 0; any && i < ARRAY_LEN(criteria); i++) {
        struct ballot_rule rule = {.name = criteria[i].name, .actual = ""};
        rule.target = criteria[i].target(counting);
        if (rule.target == NULL) {
            continue;
        }
        if (!apply(counting, &criteria[i], 1U << i, &rule, err)) {
            return false;
        }
        ballot->rules[ballot->rule_count++] = rule;
    }
    ballot->counted = count_operators(ballot, ~0U, counting->arena, &names);
    ballot->for_names = names;
    return true;
}
