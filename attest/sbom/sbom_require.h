/* Completeness: whether an SBOM has what a rule set asks for, and where not.
 *
 * ntia: NTIA, The Minimum Elements For a Software Bill of Materials (2021). fsct3: CISA, Framing
 * Software Component Transparency, third edition (2024), minimum expected. bsi: BSI TR-03183-2
 * v2.1.0, required fields. Judged is the model, before it is written. */
#pragma once

#include "attest/sbom/sbom_write.h"

enum sbom_rules { SBOM_RULES_NTIA, SBOM_RULES_FSCT3, SBOM_RULES_BSI };

/* "ntia", "fsct3" or "bsi"; false for another word. */
CHECKED bool sbom_rules_parse(const char *text, enum sbom_rules *ret);

/* ERROR_ABSENT names the first missing field, its component, and how many fields more are missing.
 * FORMAT counts too: 2.3 has no place for some of what the two newer ones want. */
CHECKED bool sbom_require(const struct sbom *sbom, enum sbom_rules rules, enum sbom_format format,
                          struct error *err);
