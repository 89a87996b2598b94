/* What a gate found, as people and other programs want it: a page for a terminal, Markdown for a
 * job's summary, JUnit's XML and SARIF 2.1.0 for what reads those, a page for a browser, JSON.
 *
 * All text from outside is escaped for where it goes. */
#pragma once

#include "attest/release/release.h"

enum release_format {
    RELEASE_TEXT,
    RELEASE_JSON,
    RELEASE_MARKDOWN,
    RELEASE_JUNIT,
    RELEASE_SARIF,
    RELEASE_HTML
};

/* By the end of the file's name; ERROR_USAGE lists them. */
CHECKED bool release_format_of(const char *name, enum release_format *ret, struct error *err);

CHECKED bool release_report(struct release *release, enum release_format format,
                            const struct release_sink *sink, struct error *err);
