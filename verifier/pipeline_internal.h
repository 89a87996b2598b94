/* The stages of pipeline.c that are files of their own. Each turns one more part of a subject's
 * result from "not known" into fact, or settles the verdict and says so. */
#pragma once

#include "verifier/pipeline.h"
#include "verifier/recipe/variables.h"
#include "verifier/sandbox/build.h"

/* One subject on its way. */
struct subject_run {
    struct rebuilder *rebuilder;
    const struct rebuild_settings *settings;
    struct fetcher *fetcher;
    struct inspector *inspector;
    const struct source *artifact;
    const struct inspection *file;
    const struct recipe_hints *hints;
    struct arena *arena;
    struct subject_result *result;

    struct recipe recipe;
    struct fetched_module *deps; /* right sides of the dep lines */
    int rebuild_fd;              /* the last rebuild; -1 */
    struct comparison comparison;
    const struct inspection *rebuild;
    /* Of a packed file; until it is judged, FILE and ARTIFACT are what is inside. */
    const struct inspection *packed_file;
    const struct source *packed_artifact;
    struct source unpacked;
    int unpacked_fd;     /* -1 */
    bool lacks_embedded; /* the last build failed for want of files to embed */
    size_t first_try;    /* of those that the recipe as it is now was tried in */
};

/* What a stage says: go on, the verdict is settled, or nothing can be said (an error). */
enum step { STEP_FAILED, STEP_SETTLED, STEP_GO_ON };

/* What the user would name to have the subject judged again. */
const char *target_of(const struct subject_run *run);

/* Settles the verdict as unproven. Returns STEP_SETTLED. */
enum step settle_unproven(struct subject_run *run, const char *code, const char *detail,
                          const char *cure);

/* What ERR, met while getting or building, means for the subject: STEP_FAILED if it concerns the
 * whole run, else settled with the reason ABSENT_CODE (what is missing), network, limit ... */
enum step settle_error(struct subject_run *run, const struct error *err, const char *absent_code);

/* resolve.c: the version of a main module that the artifact does not state. */
enum step resolve_version(struct subject_run *run, struct error *err);
/* version_from_file.c: the listed version that the dep lines fit and whose number is a text in the
 * file, into the recipe; where there is no such one, WHY. False only if no proxy lists the module.
 */
CHECKED bool version_from_file(struct subject_run *run, const char **ret_why, struct error *err);
/* inputs.c: toolchain, source and dependencies, got, proven and compared with the artifact's sums.
 */
enum step gather_inputs(struct subject_run *run, struct error *err);
/* Why the Go toolchain cannot be had; NULL if it can, or nobody tells. */
const char *missing_toolchain(struct subject_run *run);
/* inputs_local.c: what --toolchain DIR and --source DIR name, proven by nobody. GOARCH is this
 * host's.
 */
enum step local_toolchain(struct subject_run *run, const char *goarch, struct error *err);
enum step local_source(struct subject_run *run, struct error *err);
/* inputs_vendored.c: what of the vendor directory in --source DIR is not as in the modules' zips.
 */
enum step compare_vendored(struct subject_run *run, struct error *err);
/* link_flags.c: which -ldflags to build with. WORDS NULL: those that the recipe has. */
struct link_flags {
    const char **words;
    size_t count;
    size_t number; /* of the order tried, or SIZE_MAX for one found by hashing */
};
bool first_flags(struct subject_run *run, struct link_flags *ret);
/* After a build that went wrong in the link alone: what to relink with, from what go hashed in that
 * build. False if nothing is left to try. */
bool next_flags(struct subject_run *run, struct bytes hashes, struct link_flags *ret);
/* source_names.c: the variables of the main module that -X may have set; in the run's arena. */
void source_names(struct subject_run *run, struct variables *ret);

/* embedded_tries.c: puts the embedded files that the recipe names into the working copy of BOX. */
enum step lay_embedded(struct subject_run *run, struct build_box *box, struct error *err);
/* Finds out which embedded files of the artifact the source lacks or has otherwise, names them in
 * the recipe and puts them in. STEP_SETTLED if there are none; a reason that is there already then
 * tells why. */
enum step find_embedded(struct subject_run *run, struct build_box *box, struct error *err);
/* What was built with bytes out of the artifact is equivalent at best. */
void weaken_by_embedded(struct subject_run *run);

/* packed_artifact.c: lets what is inside a packed file be looked at instead of it; and the file
 * itself again, once something was built. */
enum step open_packed(struct subject_run *run, struct error *err);
bool close_packed(struct subject_run *run, struct error *err);

/* tries.c: takes the last comparison over into the result. */
void record_comparison(struct subject_run *run);
/* Builds until the bytes are equal or nothing is left to try. */
enum step try_builds(struct subject_run *run, struct error *err);
/* standard.c: fills BOX's cache, if that is wanted and possible. False only if the run must end. */
bool use_standard_cache(struct subject_run *run, const struct build_inputs *inputs,
                        const struct build_settings *settings, struct workspace *workspace,
                        struct build_box *box, struct error *err);
/* difference.c: why the last rebuild differs, if it does; and "equivalent" with the rules of the
 * ladder that were needed, false where none makes the files equal. False only if the run must end.
 */
bool explain_difference(struct subject_run *run, struct error *err);
bool settle_by_ladder(struct subject_run *run);
/* verdict.c: what the last comparison means. */
void reach_verdict(struct subject_run *run);
