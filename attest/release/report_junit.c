// SPDX-License-Identifier: Apache-2.0
/* JUnit's XML as its readers agree on it: a suite, a case a pair; "failure" for what is refuted,
 * "error" for what is undecided or cannot be read. No times: equal results give equal bytes. */
#include "attest/release/report_internal.h"
#include "verifier/report/html.h"

/* Escaped text of HTML is text of XML 1.0 too: controls are gone, entities are the five of both and
 * numbers. */
static void put_attribute(struct buffer *out, const char *name, const char *value)
{
    buffer_printf(out, " %s=\"", name);
    html_text(out, value);
    buffer_string(out, "\"");
}

static void put_problem(struct buffer *out, const char *kind, const char *type, const char *why,
                        const char *cure)
{
    buffer_printf(out, "    <%s", kind);
    put_attribute(out, "type", type);
    put_attribute(out, "message", why);
    buffer_string(out, ">");
    html_text(out, cure);
    buffer_printf(out, "</%s>\n", kind);
}

static void put_case(struct buffer *out, const struct release *release, const char *name)
{
    buffer_string(out, "  <testcase");
    put_attribute(out, "classname", release->manifest->name);
    put_attribute(out, "name", name);
    buffer_string(out, ">\n");
}

static const char *kind_of(enum pair_state state)
{
    switch (state) {
    case PAIR_HOLDS:
        return NULL;
    case PAIR_ABSENT:
        return "skipped";
    case PAIR_REFUTED:
    case PAIR_TAMPERED:
        return "failure";
    case PAIR_UNDECIDED:
    case PAIR_UNUSABLE:
        break;
    }
    return "error";
}

static size_t count_of(const struct release *release, const char *kind)
{
    size_t count = 0;
    for (size_t i = 0; i < release->manifest->pair_count; i++) {
        const char *own = kind_of(release->results[i].state);
        count += own != NULL && own[0] == kind[0];
    }
    return count;
}

void report_junit(const struct release *release, struct arena *arena, struct buffer *out)
{
    const struct manifest *manifest = release->manifest;
    buffer_string(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite");
    put_attribute(out, "name", report_title(release, arena));
    buffer_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
                  manifest->pair_count + release->stranger_count,
                  count_of(release, "failure") + release->stranger_count,
                  count_of(release, "error"), count_of(release, "skipped"));
    for (size_t i = 0; i < manifest->pair_count; i++) {
        const struct pair_result *result = &release->results[i];
        const char *kind = kind_of(result->state);
        put_case(out, release, result->pair->name);
        if (kind != NULL) {
            put_problem(out, kind, pair_state_name(result->state), result->why, result->cure);
        }
        buffer_string(out, "  </testcase>\n");
    }
    for (size_t i = 0; i < release->stranger_count; i++) {
        put_case(out, release, release->strangers[i]);
        put_problem(out, "failure", "stranger", "named by no pair and not among \"others\"", "");
        buffer_string(out, "  </testcase>\n");
    }
    buffer_string(out, "</testsuite>\n");
}
