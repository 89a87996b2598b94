/* What the user named, taken apart: Go binaries to judge (subjects), and everything else around
 * them.
 *
 * A target is a file (a Go binary; a fat Mach-O gives a subject a slice), a directory (every
 * regular file below it, whatever its mode, no links followed), or an archive (container_kind.h):
 * tars, zips, hence npm packages and Python wheels, Debian, RPM and Alpine packages. Archives are
 * looked through wherever they lie, in directories and in one another; an OCI image is one whose
 * layers are archives. They are unpacked by reproof-unpack; nothing of them is ever run, and member
 * names are used for display alone.
 *
 * A list of checksums (SHA256SUMS and the like) stands for the files that it names, which lie
 * beside it; the directory that GoReleaser wrote is one whose artifacts.json says what each file
 * is. Files that are not what is said of them are refused. */
#pragma once

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/source.h"
#include "verifier/inspect.h"

#define TARGET_NO_CONTAINER SIZE_MAX

struct target_subject {
    const char *name;     /* as typed; within a directory or archive the path there */
    int fd;               /* of the whole file; owned by the target */
    struct source source; /* the image: the file, or a slice of it */
    size_t container;     /* index, or TARGET_NO_CONTAINER */
    const struct inspection *file;
    /* Of the package around it, "" if there is none: package.json of npm, METADATA of a wheel. */
    const char *package_name, *package_version;
    /* GoReleaser made archives and packages of it, and nobody says it is published by itself. */
    bool unpublished;
};

/* A member that is no Go binary. */
struct target_member {
    const char *name;
    bool regular; /* else a link or device, and there is no digest */
    struct sha256 sha256;
};

/* An archive that was taken apart, with the archives in it. */
struct target_container {
    const char *name;
    struct sha256 sha256;
    const char *purl;    /* "pkg:npm/%40esbuild/linux-x64@0.25.0"; "" if it is no known package */
    size_t member_count; /* files and links in it; an archive without Go binaries is one */
    struct target_member *others;
    size_t other_count;
};

/* A file that looks like an executable and could not be read to its end: malformed, above a limit.
 * Whether a Go binary was meant nobody can tell, so it must not vanish from a verdict on all. */
struct target_refused {
    const char *name;
    struct error error;
};

/* Something to be told that decides nothing: an image that lies in a registry. */
struct target_note {
    const char *name, *text;
};

struct target {
    struct target_subject *subjects;
    size_t subject_count;
    struct target_container *containers;
    size_t container_count;
    struct target_refused *refused; /* of a directory, archive or list; the last one may stand for
                                       more than LIMIT_TARGET_REFUSED */
    size_t refused_count;
    struct target_note *notes;
    size_t note_count;
    const char *release; /* the version that GoReleaser says of all, of a tag; NULL */
    int scratch;         /* directory that archives were unpacked beneath, -1 if none was */
    int scratch_parent;
    const char *scratch_name;
};

/* What taking a target apart may use. */
struct target_settings {
    const char *scratch; /* absolute directory, made if absent, in which archives are unpacked */
    const char *store, *state; /* absolute directories for what is fetched; NULL: nothing is */
    bool offline;
    unsigned jobs;
    const struct sha256 *sha256; /* of the one file that is meant; NULL: whichever it is */
    /* Of an archive, take out what may be a program and nothing else (unpack_programs), and hash
     * neither it nor its other members, which are not listed. */
    bool programs_only;
    void (*progress)(void *context, const char *what, uint64_t done, uint64_t total);
    void *progress_context;
};

/* Opens the target NAME: a path, a package URL, or an https address, whose file or archive goes by
 * the address without password and query. As target_open; also ERROR_UNTRUSTED: it has another
 * SHA-256 than SETTINGS wants; ERROR_NETWORK. */
CHECKED bool target_open_any(const char *name, struct inspector *inspector,
                             const struct target_settings *settings, struct arena *arena,
                             struct target *ret, struct error *err);

/* Opens PATH. Archives are unpacked into a fresh directory beneath SCRATCH (an absolute directory,
 * made if absent), removed by target_free. Strings live in ARENA.
 * ERROR_USAGE: FIFO, device, socket; ERROR_UNSUPPORTED: a file that is no Go binary and no archive;
 * ERROR_ABSENT: no such file, or no Go binary in the directory or archive (nothing to check);
 * ERROR_FORMAT, ERROR_LIMIT, ERROR_UNTRUSTED (names that lead out) for archives. */
CHECKED bool target_open(const char *path, struct inspector *inspector, const char *scratch,
                         struct arena *arena, struct target *ret, struct error *err);

/* Whether the file FD begins like an archive. */
bool target_is_archive(int fd);
/* As target_open for the archive open at FD, which goes by NAME. */
CHECKED bool target_open_archive(int fd, const char *name, struct inspector *inspector,
                                 const struct target_settings *settings, struct arena *arena,
                                 struct target *ret, struct error *err);

/* Whether the file FD, called PATH, stands for others: an archive, a list of checksums,
 * GoReleaser's list of artifacts. */
bool target_holds_files(int fd, const char *path);
/* Whether NAME is no path, but has to be got first: a package URL, an address. */
bool target_is_remote(const char *name);
/* NAME as it may be shown: an address without password and query. */
const char *target_shown(const char *name, struct arena *arena);

/* What to name to come upon SUBJECT of TARGET again, which was opened as TYPED: the package or file
 * that it lies in. */
const char *target_naming(const struct target *target, const struct target_subject *subject,
                          const char *typed);

/* The folder that the target NAME is, or lies in. */
const char *target_folder(const char *name, struct arena *arena);

/* Closes and removes what target_open made; accepts a zeroed target. */
void target_free(struct target *target);
