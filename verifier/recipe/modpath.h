/* Module paths, import paths, and versions, checked before they reach argv or a file.
 *
 * Rules: golang.org/x/mod/module (CheckPath, CheckImportPath, PseudoVersion),
 * go.dev/ref/mod#versions, semver.org 2.0.0. All functions take the whole of the text that they are
 * handed. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"

/* A path as import statements use it: ASCII, no empty, dotted-only or dash-led parts. No flag and
 * no pattern ("...") passes. */
CHECKED bool import_path_is_valid(struct bytes path);

/* As import_path_is_valid, and the first element may name a server: it has a dot. */
CHECKED bool module_path_is_valid(struct bytes path);

/* An import path that a go.mod may call a module, though no proxy has it ("caddy"). */
CHECKED bool module_path_is_local(struct bytes path);

/* "vX.Y.Z", "vX.Y.Z-pre" in canonical form; "+incompatible" may follow. */
CHECKED bool module_version_is_valid(struct bytes version);

/* True if a module PATH may have VERSION: /vN and .vN suffixes, +incompatible. */
CHECKED bool module_version_fits(struct bytes path, struct bytes version);

/* An h1 sum: "h1:" and 32 bytes of base64. */
CHECKED bool module_sum_is_valid(struct bytes sum);

/* Taken apart: "v1.2.4-0.20200102030405-abcdef123456" is based on "v1.2.3". */
struct pseudo_version {
    struct bytes time;     /* yyyymmddhhmmss */
    struct bytes revision; /* 12 digits */
    const char *base;      /* "v1.2.3", "" without */
};

/* False if VERSION (valid, without +incompatible) is no pseudo-version. BASE lies in ARENA. */
CHECKED bool pseudo_version_parse(struct bytes version, struct arena *arena,
                                  struct pseudo_version *ret);
