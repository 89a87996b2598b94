/* Checked reads of text: what `struct reader` is for binary input.
 *
 * A scanner walks over bytes that somebody else owns; each call says whether it succeeded, advances
 * only then, and yields views. Lengths are capped at each call. */
#pragma once

#include "base/bytes.h"

struct scanner {
    struct bytes text;
    size_t position;
};

static inline struct scanner scanner_over(struct bytes text)
{
    return (struct scanner){.text = text};
}

static inline struct bytes scanner_rest(const struct scanner *scanner)
{
    return bytes_from(scanner->text.data + scanner->position,
                      scanner->text.len - scanner->position);
}

CHECKED static inline bool scanner_done(const struct scanner *scanner)
{
    return scanner->position == scanner->text.len;
}

/* The next line without its newline (a last line may lack it; a final newline begins no further
 * line). Fails at the end, or if the line is longer than MAXIMUM. */
CHECKED bool scanner_line(struct scanner *scanner, size_t maximum, struct bytes *ret);

/* The bytes before the next DELIMITER, which is passed over too; fails if there is none within
 * MAXIMUM bytes. */
CHECKED bool scanner_until(struct scanner *scanner, char delimiter, size_t maximum,
                           struct bytes *ret);

/* As scanner_until, but the end of the text ends the last field too; fails only at the end. */
CHECKED bool scanner_field(struct scanner *scanner, char delimiter, size_t maximum,
                           struct bytes *ret);

/* Passes over TEXT if it comes next. */
CHECKED bool scanner_expect(struct scanner *scanner, const char *text);

/* Passes over spaces and tabs. */
void scanner_blanks(struct scanner *scanner);

/* A decimal number without sign and leading zeros, at most MAXIMUM. */
CHECKED bool scanner_number(struct scanner *scanner, uint64_t maximum, uint64_t *ret);

/* All of TEXT as such a number. */
CHECKED bool scan_number(struct bytes text, uint64_t maximum, uint64_t *ret);

/* TEXT without the spaces, tabs, carriage returns and newlines around it. */
struct bytes scan_trimmed(struct bytes text);

/* Cuts TEXT at the first (or last) DELIMITER into what is before and behind it; fails and leaves
 * the outputs alone where there is none. */
CHECKED bool scan_cut(struct bytes text, char delimiter, struct bytes *ret_before,
                      struct bytes *ret_behind);
CHECKED bool scan_cut_last(struct bytes text, char delimiter, struct bytes *ret_before,
                           struct bytes *ret_behind);
