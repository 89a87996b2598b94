/* The //go:embed lines of a source: which variable embeds what, as far as its lines tell.
 *
 * Rules: Go source, embed/embed.go (patterns), cmd/go/internal/load resolveEmbed (what a directory
 * stands for), path.Match. Files are looked at line by line and roughly; what is taken for a
 * directive and is none fits no table of a program. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"

struct embed_directive {
    const char *variable; /* "" if its line is not understood */
    bool is_text;         /* of type string or []byte: no table of files tells of it */
    const char **patterns;
    size_t count, capacity;
};

struct embed_directives {
    struct arena *arena;
    struct embed_directive *items;
    size_t count, capacity;
};

/* Adds those of the Go file TEXT. */
void embed_directives_add(struct embed_directives *directives, struct bytes text);

/* True if PATTERN, alone, makes go embed the file NAME (relative to the package's directory). */
bool embed_pattern_takes(const char *pattern, const char *name);

/* True if a variable with DIRECTIVE may hold exactly NAMES: each is taken by a pattern, and each
 * pattern takes one. Not above *BUDGET steps, which it lessens: false without them. */
bool embed_directive_fits(const struct embed_directive *directive, const char *const *names,
                          size_t count, uint64_t *budget);

/* True if PATH is no file that go would compile or build by: one that is put into a source may
 * change what a program embeds, never what it does. */
bool embed_path_is_data(const char *path);
