// SPDX-License-Identifier: Apache-2.0
#include "base/escape.h"
#include "verifier/report/result.h"

/* Names shown of a container's unproven members; the JSON has all. */
#define SHOWN 8

static void put_more(size_t count, struct buffer *out)
{
    if (count > SHOWN) {
        buffer_printf(out, "  and %zu more (--json lists all)\n", count - SHOWN);
    }
}

static void put_proven(const struct container_result *container, const char *name,
                       struct buffer *out)
{
    char safe[1024], source[1024];
    if (container->proven_count == 0) {
        return;
    }
    buffer_printf(out, "%s: %zu of %zu members are copies of files of the proven source\n", name,
                  container->proven_count, container->members);
    for (size_t i = 0; i < container->proven_count && i < SHOWN; i++) {
        escape_text(container->proven[i].name, safe, sizeof(safe));
        escape_text(container->proven[i].source, source, sizeof(source));
        buffer_printf(out, "  %s  %s\n", safe, source);
    }
    put_more(container->proven_count, out);
}

static void put_container(const struct container_result *container, struct buffer *out)
{
    char name[1024], safe[1024];
    escape_text(container->name, name, sizeof(name));
    put_proven(container, name, out);
    if (container->unproven_count == 0) {
        return;
    }
    buffer_printf(out,
                  "%s: %zu of %zu members are unproven (nothing here says where they come from)\n",
                  name, container->unproven_count, container->members);
    for (size_t i = 0; i < container->unproven_count && i < SHOWN; i++) {
        escape_text(container->unproven[i], safe, sizeof(safe));
        buffer_printf(out, "  %s\n", safe);
    }
    put_more(container->unproven_count, out);
}

void report_summary_text(const struct rebuild_result *result, struct buffer *out)
{
    for (size_t i = 0; i < result->container_count; i++) {
        put_container(&result->containers[i], out);
    }
    if (result->subject_count < 2) {
        return;
    }
    size_t counts[4] = {0};
    for (size_t i = 0; i < result->subject_count; i++) {
        counts[result->subjects[i].verdict]++;
    }
    buffer_printf(out, "%zu reproduced, %zu equivalent, %zu different, %zu unproven\n",
                  counts[VERDICT_REPRODUCED], counts[VERDICT_EQUIVALENT], counts[VERDICT_DIFFERENT],
                  counts[VERDICT_UNPROVEN]);
}
