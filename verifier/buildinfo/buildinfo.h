/* The build information that the Go linker embeds: what a binary says of itself.
 *
 * It is a claim, never a proof. Format: Go source, debug/buildinfo and runtime/debug
 * (ParseBuildInfo), in the pointer layout (Go 1.13 to 1.17) and the inline layout (since 1.18). */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"
#include "verifier/image/image.h"

/* One module line ("path", "mod", "dep", "=>"). Absent fields are "". */
struct module {
    const char *path, *version, *sum;
    const struct module *replace; /* the "=>" line behind it, or NULL */
};

struct build_setting {
    const char *key, *value;
};

struct buildinfo {
    const char *go_version; /* "go1.23.5", as written: may carry a suffix or experiments */
    const char *path;       /* main package; "" if the file has no module lines at all */
    bool has_main;
    struct module main;
    struct module *deps;
    size_t dep_count;
    struct build_setting *settings;
    size_t setting_count;
};

/* Decodes the build information in IMAGE. Strings live in ARENA.
 * ERROR_ABSENT if there is none (a Go file without it, or not a Go file), ERROR_FORMAT if it is cut
 * short or its lengths disagree, ERROR_LIMIT beyond limits.h. */
CHECKED bool buildinfo_read(const struct image *image, struct arena *arena, struct buildinfo *ret,
                            struct error *err);

/* As buildinfo_read for a file whose linker wrote no header, so that Go finds none: the module text
 * alone, without the version, wherever it is. ERROR_ABSENT if there is none. */
CHECKED bool buildinfo_read_headerless(const struct image *image, struct arena *arena,
                                       struct buildinfo *ret, struct error *err);

/* Parses the module text (between the two 16-byte markers) into RET's path, main, deps, settings.
 * Refuses what Go's ParseBuildInfo refuses. */
CHECKED bool buildinfo_parse_modules(struct bytes text, struct arena *arena, struct buildinfo *ret,
                                     struct error *err);

/* The value of the setting KEY ("GOOS", "-ldflags", "vcs.revision"), or NULL. */
const char *buildinfo_setting(const struct buildinfo *info, const char *key);

/* Reads the Go string literal ("..." or `...`) at the start of TEXT as strconv.Unquote does. *RET
 * lives in ARENA, *RET_LEN is the literal's own length. False if it is none, or contains a NUL. */
CHECKED bool buildinfo_unquote(struct bytes text, struct arena *arena, const char **ret,
                               size_t *ret_len);
