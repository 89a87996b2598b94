/* Go's network settings, which are ours: GOPROXY, GONOPROXY, GOSUMDB, GONOSUMDB, GOPRIVATE and
 * GOINSECURE, and nothing else.
 *
 * Each comes from the environment, else from the file that `go env -w` writes; an empty value is
 * none (go help environment; go.dev/ref/mod#environment-variables). GOPROXY alone is also looked
 * for in the build option default_goproxy and, last, asked of a go on PATH. No host is known here.
 */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"

struct settings {
    const char *goproxy;
    const char *gonoproxy, *gonosumdb; /* GOPRIVATE's value where they are not set */
    const char *gosumdb;               /* "": the checksum database whose key is built in */
    const char *goprivate, *goinsecure;
    const char *goproxy_origin; /* for people: "environment", "/home/u/.config/go/env", ... */
};

/* ENVIRONMENT is NULL-terminated "NAME=value". ERROR_USAGE if no GOPROXY is to be had. */
CHECKED bool settings_load(const char *const *environment, struct arena *arena,
                           struct settings *ret, struct error *err);

/* The value of NAME in ENVIRONMENT; NULL if it is absent or empty. */
const char *settings_environment(const char *const *environment, const char *name);

/* Where Go's env file is, "" if there is none (GOENV=off, no home directory). ERROR_USAGE for a
 * relative GOENV: nothing is read from the working directory. */
CHECKED bool settings_env_file(const char *const *environment, struct arena *arena,
                               const char **ret, struct error *err);

/* The value of NAME in the TEXT of such a file (the last one counts), "" if there is none. */
const char *settings_env_file_value(struct bytes text, const char *name, struct arena *arena);

/* GOSUMDB taken apart. */
struct sumdb_setting {
    bool off;
    const char *name; /* "" with off, and for the built-in one; else of the database: host[/path] */
    const char *key;  /* "name+hash+key", "" if the key must be known to the code */
    const char *url;  /* go there, past any proxy; "" if not given */
};
CHECKED bool settings_sumdb(const struct settings *settings, struct arena *arena,
                            struct sumdb_setting *ret, struct error *err);
