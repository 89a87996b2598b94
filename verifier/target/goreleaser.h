/* What GoReleaser notes in its output directory (dist): artifacts.json, a list of all that it made,
 * and metadata.json, which release that was.
 *
 * Formats: goreleaser.com/customization/artifacts and .../metadata; further members are passed
 * over, those used here are of their types or the file is refused. */
#pragma once

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"

#define GORELEASER_ARTIFACTS "artifacts.json"
#define GORELEASER_METADATA "metadata.json"

struct goreleaser_artifact {
    const char *name;
    const char *path; /* from the project's root, as its tools write it; of an image: its name */
    const char *type; /* "Archive" */
    const char *goos, *goarch, *goamd64; /* "": not said */
    bool has_sha256;                     /* extra.Checksum, where that is one */
    struct sha256 sha256;
};

struct goreleaser_artifacts {
    struct goreleaser_artifact *items;
    size_t count;
};

struct goreleaser_metadata {
    const char *project, *tag, *version, *commit; /* "": not said */
};

/* ERROR_FORMAT names the artifact, counted from 1. Strings live in ARENA. */
CHECKED bool goreleaser_read_artifacts(struct bytes text, struct arena *arena,
                                       struct goreleaser_artifacts *ret, struct error *err);
CHECKED bool goreleaser_read_metadata(struct bytes text, struct arena *arena,
                                      struct goreleaser_metadata *ret, struct error *err);

/* What is to be done with an artifact of a TYPE. */
enum goreleaser_kind {
    GORELEASER_UNKNOWN, /* looked at, and told */
    GORELEASER_PROGRAM, /* holds programs */
    GORELEASER_OTHER,   /* looked at: usually there is no program in it */
    GORELEASER_UNREAD,  /* compared, not looked into: sources */
    GORELEASER_CLOSED,  /* a format that is not taken apart */
    GORELEASER_IMAGE,   /* lies in a registry */
};
enum goreleaser_kind goreleaser_kind_of(const char *type);
