// SPDX-License-Identifier: Apache-2.0
#include "base/escape.h"
#include "verifier/report/result.h"

/* Names shown of a container's unproven members; the JSON has all. */
#define SHOWN 8

static void put_container(const struct container_result *container, struct buffer *out)
{
    char safe[1024];
    escape_text(container->name, safe, sizeof(safe));
    buffer_printf(out,
                  "%s: %zu of %zu members are unproven (nothing here says where they come from)\n",
                  safe, container->unproven_count, container->members);
    for (size_t i = 0; i < container->unproven_count && i < SHOWN; i++) {
        escape_text(container->unproven[i], safe, sizeof(safe));
        buffer_printf(out, "  %s\n", safe);
    }
    if (container->unproven_count > SHOWN) {
        buffer_printf(out, "  and %zu more (--json lists all)\n",
                      container->unproven_count - SHOWN);
    }
}

void report_summary_text(const struct rebuild_result *result, struct buffer *out)
{
    for (size_t i = 0; i < result->container_count; i++) {
        if (result->containers[i].unproven_count > 0) {
            put_container(&result->containers[i], out);
        }
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
