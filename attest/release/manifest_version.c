// SPDX-License-Identifier: Apache-2.0
#include "attest/release/manifest_version.h"

#include <string.h>

#define VARIABLE "${version}"

/* TEXT with each FROM replaced by TO. */
static const char *replace(const char *text, const char *from, const char *to, struct arena *arena)
{
    const char *out = "";
    const char *found;
    while (from[0] != '\0' && (found = strstr(text, from)) != NULL) {
        out = arena_printf(arena, "%s%.*s%s", out, (int)(found - text), text, to);
        text = found + strlen(from);
    }
    return arena_printf(arena, "%s%s", out, text);
}

const char *manifest_expand(const char *text, const char *version, struct arena *arena)
{
    return strstr(text, VARIABLE) == NULL ? text : replace(text, VARIABLE, version, arena);
}

static bool is_in_artifacts(const struct manifest *manifest, const char *version)
{
    for (size_t i = 0; i < manifest->pair_count; i++) {
        if (strstr(manifest->pairs[i].artifact, version) != NULL) {
            return true;
        }
    }
    return false;
}

/* NAME without VERSION and what joins it to the rest: "tool_1.2.3_linux" as "tool_linux". */
static const char *drop_version(const char *name, const char *version, struct arena *arena)
{
    const char *found = strstr(name, version);
    if (found == NULL || found == name) {
        return name;
    }
    size_t lead = (size_t)(found - name);
    lead -= strchr("-_.", found[-1]) != NULL;
    return lead == 0 ? name
                     : arena_printf(arena, "%.*s%s", (int)lead, name, found + strlen(version));
}

static bool all_differ(const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            if (strcmp(names[i], names[j]) == 0) {
                return false;
            }
        }
    }
    return true;
}

static void name_pairs(struct manifest *manifest, struct arena *arena)
{
    const char **names = arena_array(arena, manifest->pair_count + 1, sizeof(*names));
    for (size_t i = 0; i < manifest->pair_count; i++) {
        names[i] = drop_version(manifest->pairs[i].name, manifest->version, arena);
    }
    if (!all_differ(names, manifest->pair_count)) {
        return;
    }
    for (size_t i = 0; i < manifest->pair_count; i++) {
        manifest->pairs[i].name = names[i];
    }
}

void manifest_generalise(struct manifest *manifest, struct arena *arena)
{
    const char *version = manifest->version;
    if (!is_in_artifacts(manifest, version)) {
        if (version[0] != 'v' || !is_in_artifacts(manifest, version + 1)) {
            return;
        }
        manifest->version = ++version;
    }
    name_pairs(manifest, arena);
    for (size_t i = 0; i < manifest->pair_count; i++) {
        struct manifest_pair *pair = &manifest->pairs[i];
        pair->artifact = replace(pair->artifact, version, VARIABLE, arena);
    }
    for (size_t i = 0; i < manifest->others.count; i++) {
        manifest->others.items[i] = replace(manifest->others.items[i], version, VARIABLE, arena);
    }
    for (size_t i = 0; i < manifest->member_count; i++) {
        struct manifest_member *member = &manifest->members[i];
        member->name = replace(member->name, version, VARIABLE, arena);
    }
}
