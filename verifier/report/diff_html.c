// SPDX-License-Identifier: Apache-2.0
#include "verifier/report/diff_report.h"

void diff_html(const struct diff_result *result, const struct diff_view *view, struct buffer *out)
{
    (void)result;
    (void)view;
    buffer_string(out, "<!doctype html>\n");
}
