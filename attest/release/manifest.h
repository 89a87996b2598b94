/* The manifest of a release: what is published, for which platforms, from which source, and what is
 * accepted of it. reproof.json, and beside it a folder with a small file for each pair, so that a
 * new platform is one more file.
 *
 * Read strictly: a key that is not known or stands twice, and an input that is not pinned (a
 * version like "latest", a range), is refused. Format: docs/schema/manifest.json, pair.json. */
#pragma once

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "verifier/recipe/recipe.h"

#define MANIFEST_NAME "reproof.json"
#define MANIFEST_SCHEMA "reproof/manifest/v1"
#define MANIFEST_PAIRS "reproof.pairs"

struct text_list {
    const char **items;
    size_t count;
};

/* A member of archives that is accepted though nothing proves it. */
struct manifest_member {
    const char *name;
    bool has_sha256; /* then it must have that content too */
    struct sha256 sha256;
};

/* One published file. */
struct manifest_pair {
    const char *name;           /* of its file, without .json */
    const char *artifact;       /* beneath the artifacts' folder */
    struct text_list platforms; /* "linux/amd64"; several: fat Mach-O, an archive of several */
    const char *variant;        /* "GOAMD64=v1"; "": any */
    const char *program;        /* which of the release's programs; "" if there is but one */
    const char *ldflags, *tags; /* hints, as --ldflags and --tags; "" */
    bool required;
};

struct manifest {
    const char *name, *version; /* of the release */
    const char *expect;         /* MODULE@VERSION, or MODULE with SOURCE */
    const char *toolchain;      /* "go1.24.1"; "": as each file says */
    const char *toolchain_h1;   /* ""; */
    const char *source;         /* the working copy to build from; "": the module's zip */
    const char *artifacts;      /* their folder; every file in it is a pair's or in OTHERS */
    const char *pairs_folder;
    struct text_list others;   /* files in that folder that are no artifacts */
    struct text_list packages; /* import paths of the programs; none: any */
    struct environment_entry *environment;
    size_t environment_count;
    const char *ldflags, *tags;
    struct text_list accept; /* names of assumptions and equivalences */
    struct manifest_member *members;
    size_t member_count;
    struct text_list workers;    /* public keys that may sign shards; none: no matter */
    struct manifest_pair *pairs; /* sorted by name */
    size_t pair_count;
    struct sha256 digest; /* over the manifest's and all pairs' bytes */
};

/* The manifest without its pairs. Strings live in ARENA. ERROR_FORMAT names the key. */
CHECKED bool manifest_parse(struct bytes text, struct arena *arena, struct manifest *ret,
                            struct error *err);
CHECKED bool manifest_parse_pair(struct bytes text, const char *name, struct arena *arena,
                                 struct manifest_pair *ret, struct error *err);
/* No two pairs are for the same thing, or of one file: ERROR_FORMAT names both. */
CHECKED bool manifest_check(const struct manifest *manifest, struct error *err);

/* Reads NAME beneath DIR with all its pairs, and checks it. */
CHECKED bool manifest_load(int dir, const char *name, struct arena *arena, struct manifest *ret,
                           struct error *err);

void manifest_write(const struct manifest *manifest, struct buffer *out);
void manifest_write_pair(const struct manifest_pair *pair, struct buffer *out);
