/* One program run in a box: no network, no host files, a chosen environment, hard limits.
 *
 * The box is bubblewrap's; the profile is docs/threat-model.md's. Mount points exist only in tmpfs
 * of our own; trees from outside are bound read-only at leaves. The program runs as an ordinary
 * user even when root starts it. When sandbox_run returns, every process of the box is dead. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"

/* Who the program in the box is, inside and, if root starts it, outside as well. */
#define SANDBOX_USER 65534
#define SANDBOX_USER_TEXT "65534"

struct sandbox_mount {
    const char *host; /* absolute path; NULL: a tmpfs of its own */
    const char *box;  /* absolute path in the box */
    bool writable;
    uint64_t tmpfs_bytes; /* maximum, where HOST is NULL */
};

/* A small file made in the box from bytes, read-only. */
struct sandbox_file {
    const char *box;
    struct bytes content;
    bool executable;
};

enum sandbox_kind {
    SANDBOX_BUBBLEWRAP,
    SANDBOX_NONE, /* --sandbox none: the assumption "unsandboxed" */
};

struct sandbox_limits {
    unsigned seconds, processes;
    uint64_t memory, log_bytes;
    uint64_t disk_bytes; /* of all writable host directories together, watched while it runs */
};

/* Called about ten times a second with the seconds since the start; from the caller's thread. */
typedef void sandbox_progress(void *context, double seconds);

struct sandbox_job {
    enum sandbox_kind kind;
    const struct sandbox_mount *mounts;
    size_t mount_count;
    const struct sandbox_file *files;
    size_t file_count;
    const char *const *environment; /* "NAME=value", NULL-terminated; all there is */
    const char *const *argv;        /* NULL-terminated; argv[0] is a path in the box */
    const char *directory;          /* working directory in the box */
    struct sandbox_limits limits;   /* 0 = the default of limits.h */
    sandbox_progress *progress;
    void *progress_context;
};

struct sandbox_result {
    int status;            /* exit code, 128 + signal */
    const char *limit_hit; /* "time", "memory", "processes", "log", "disk"; "" if none */
    struct bytes log;      /* stdout and stderr together, as written: untrusted text */
    double seconds;
    uint64_t peak_memory; /* bytes; 0 if not known */
};

/* What kind of box this host offers: ERROR_TOOL with the cure if bubblewrap is missing or may not
 * make namespaces. RET_VERSION like "0.8.0". */
CHECKED bool sandbox_probe(struct arena *arena, const char **ret_version, struct error *err);

/* Makes the empty directory DIR writable for the program in the box. */
CHECKED bool sandbox_give(int dir, struct error *err);

/* Runs JOB to its end. False only if the box could not be set up, a limit of ours was hit before
 * the program ran, or a signal came; a program that fails is a result. */
CHECKED bool sandbox_run(const struct sandbox_job *job, struct arena *arena,
                         struct sandbox_result *ret, struct error *err);
