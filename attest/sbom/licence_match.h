/* Which licences of the SPDX list a text holds, and where.
 *
 * A licence is found where most of its fingerprints stand close together. Of several that fit, the
 * one counts of which most is there and least is missing; then its place is taken out of the text
 * and the rest is looked at again, so a file may hold several. */
#pragma once

#include "attest/sbom/licence_table.h"

struct licence_match {
    const char *id;
    size_t offset, len; /* bytes of the text */
    unsigned cover;     /* percent of the licence's fingerprints that stand there */
};

/* Percent below which a licence is not told. */
#define LICENCE_COVER 80
/* No file is a list of more licences than that, unless it is a notice about others' code. */
#define LICENCE_MATCHES 8

/* Finds the licences in TEXT, in the order of their places; RET has LICENCE_MATCHES elements. */
size_t licence_match(const struct licence_table *table, struct bytes text,
                     struct licence_match *ret);
