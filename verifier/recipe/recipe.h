/* The recipe: everything that determines the bytes of a Go binary.
 *
 * Derived from build information and traits, or read from JSON; each field that nobody vouches for
 * becomes an assumption. This stage is pure: no network, no files. */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "verifier/inspect.h"

/* Something the recipe took from the artifact or from nobody (design: "What a verdict means"). */
struct assumption {
    const char *name; /* "vcs-echoed" */
    const char *detail;
};

/* Where a field's value comes from, for `recipe --explain` and the result's "inferred". */
struct inference {
    const char *field, *value, *evidence;
};

enum source_kind {
    SOURCE_MODULE_ZIP,        /* the main module's zip, laid out as a working copy */
    SOURCE_MODULE_DEPENDENCY, /* built as `go install M@V` does: a dependency of a dummy main module
                               */
    SOURCE_TOOLCHAIN_MODULE,  /* a program of the Go distribution, from its toolchain module */
    SOURCE_DIRECTORY,
};

/* The version control stamp that the build is to produce. */
struct vcs_stamp {
    bool present;
    const char *revision, *time; /* time in RFC 3339, as recorded */
    uint64_t unix_time;
    bool modified;
    const char *tag;  /* the tag on the commit, "" if none (Go 1.24+) */
    const char *base; /* the tag a pseudo-version builds on, "" if none */
    bool devel;       /* the main version must come out as (devel) though stamped (Go 1.24+) */
    bool no_go_mod;   /* the commit holds no go.mod: the main version is +incompatible (Go 1.24+) */
};

struct environment_entry {
    const char *name, *value; /* GOAMD64=v1, CGO_ENABLED=0, GOEXPERIMENT=... */
};

/* A file that the program embeds and its source lacks or has otherwise: cut out of the artifact. */
struct recipe_embedded {
    const char *path; /* below the main module's root */
    uint64_t size;
    struct sha256 sha256;
    bool replaces; /* the source has another file of that name */
};

/* cmd/link without its call of ctxt.buildinfo(), rebuilt: it writes no build information. */
#define RECIPE_PATCH_NO_BUILDINFO "no-buildinfo"

struct recipe {
    enum source_kind source_kind;
    const char *module, *version;    /* of the main module; version "" while it is not known */
    const char *h1;                  /* of the main module, if the artifact states it; else "" */
    const char *main_package;        /* import path of the program */
    const char *directory;           /* SOURCE_DIRECTORY */
    const char *toolchain;           /* "go1.23.5" */
    const char *toolchain_directory; /* --toolchain DIR, else "" */
    const char *rootfs;              /* --rootfs DIR: where the C toolchain is; else "" */
    const char *toolchain_patch; /* name of a change to the toolchain, RECIPE_PATCH_...; else "" */
    const char *goos, *goarch;
    struct environment_entry *environment; /* what the recipe sets beside GOOS and GOARCH */
    size_t environment_count;
    bool trimpath;
    const char *buildmode; /* "" = the default */
    const char *tags;      /* comma list */
    const char **ldflags;  /* after splitting: "-s", "-w", "-X", "main.version=1" */
    size_t ldflag_count;
    const char *ldflags_text; /* as recorded, quotes and all, where the text itself is recorded
                                 (and so part of the bytes); "" = joined from ldflags */
    const char *gcflags, *asmflags; /* as one argument, "" = not given */
    const char *pgo; /* "off"; "auto" = default.pgo of the main package; "" = no such flag */
    struct vcs_stamp vcs;
    struct module *deps; /* the dep lines, replacements included */
    size_t dep_count;
    bool vendored;  /* built with -mod=vendor: the dep lines have no h1. With SOURCE_MODULE_ZIP the
                       vendored files are those of the modules' zips. */
    bool workspace; /* built with a go.work, which lies in DIRECTORY: dep lines without replacement
                       say (devel) */
    const char *module_directory; /* of the main module beneath DIRECTORY; "" = DIRECTORY itself */
    /* -ldflags were not recorded: these orders of -s and -w fit what the bytes show, and are to be
     * tried one after the other; ldflags holds the first. */
    const char **ldflags_orders[4];
    size_t ldflags_order_counts[4];
    size_t order_count;
    const char *goroot, *gopath, *source_root; /* of an untrimmed build, to be recreated; else "" */
    struct recipe_embedded *embedded;
    size_t embedded_count;
};

/* A recipe that says nothing: all texts "", no lists. */
struct recipe recipe_empty(void);

/* What the surroundings of the file and the command line add. "" = not known. */
struct recipe_hints {
    const char *target; /* what the user named, which the file may lie within; "": the file */
    const char *package_version; /* of the npm package or wheel around the file: "0.25.0" */
    const char *package_name;
    const char *source_module, *source_version, *source_directory; /* --source */
    const char *toolchain;                                         /* --toolchain */
    const char *rootfs;                                            /* --rootfs, absolute */
    const char *ldflags, *tags;                                    /* --ldflags, --tags */
    const struct environment_entry *environment;                   /* --env */
    size_t environment_count;
};

struct recipe_notes {
    struct assumption *assumptions;
    size_t assumption_count, assumption_capacity;
    size_t intention_count; /* so many assumptions at the front look like intentions */
    struct inference *inferences;
    size_t inference_count, inference_capacity;
};

/* Adds to NOTES (zeroed at first). An assumption that is there already, detail and all, is not
 * added again. NAME and FIELD are constants; the texts are copied. */
void recipe_assume(struct recipe_notes *notes, struct arena *arena, const char *name,
                   const char *format, ...) PRINTF_LIKE(4, 5);
void recipe_infer(struct recipe_notes *notes, struct arena *arena, const char *field,
                  const char *value, const char *format, ...) PRINTF_LIKE(5, 6);

/* As recipe_assume, for what looks as if somebody wanted the program to do another thing: it stands
 * before all that does not. */
void recipe_assume_intention(struct recipe_notes *notes, struct arena *arena, const char *name,
                             const char *format, ...) PRINTF_LIKE(4, 5);

/* True if an assumption NAME is among NOTES. */
bool recipe_is_assumed(const struct recipe_notes *notes, const char *name);

/* Takes back the assumptions NAME and the inferences of FIELD, where a guess turned out wrong. */
void recipe_retract(struct recipe_notes *notes, const char *name, const char *field);

/* Notes what RECIPE itself assumes, whoever made it: tags, -X values, the version control stamp,
 * replaced modules, local sources and toolchains, recreated paths. recipe_derive has done so. */
void recipe_note_assumptions(const struct recipe *recipe, struct arena *arena,
                             struct recipe_notes *notes);

/* Of these, what was cut out of the artifact: once it is known. */
void recipe_note_embedded(const struct recipe *recipe, struct arena *arena,
                          struct recipe_notes *notes);

/* Of these, the -X values alone: once flags were found. */
void recipe_note_values(const struct recipe *recipe, struct arena *arena,
                        struct recipe_notes *notes);

/* The reason why no recipe can be made, in the words of the design's reason codes. */
struct recipe_refusal {
    const char *code; /* "no-build-information", "toolchain-unavailable", "unsupported", ... */
    const char *detail, *cure;
};

/* Derives the recipe of FILE. False with RET_REFUSAL filled if there can be none (unproven);
 * RET_NOTES tells what was assumed and inferred. Strings live in ARENA or in FILE's. */
CHECKED bool recipe_derive(const struct inspection *file, const struct recipe_hints *hints,
                           struct arena *arena, struct recipe *ret, struct recipe_notes *ret_notes,
                           struct recipe_refusal *ret_refusal);

/* A version of the main module that a proxy lists, with the time that it tells (RFC 3339; hearsay).
 */
struct dated_version {
    const char *version, *time;
};

/* True if the module MODULE can have the version VERSION: canonical semantic version whose major
 * fits the path. Nobody asks a proxy for what cannot be. */
CHECKED bool recipe_version_fits(const char *module, const char *version);

/* For a recipe whose version is not known but whose stamp is: the index of the version nearest to
 * the stamp's time, among those that fit the module and lie within a day of it. False if there is
 * none. */
CHECKED bool recipe_nearest_version(const struct recipe *recipe,
                                    const struct dated_version *versions, size_t count,
                                    size_t *ret);

/* Recipe as JSON (deterministic bytes) and back. */
void recipe_write_json(const struct recipe *recipe, struct buffer *out);
CHECKED bool recipe_read_json(struct bytes text, struct arena *arena, struct recipe *ret,
                              struct error *err);
