/* The files of the sources that programs were proven to be built from. A member of a package that
 * is byte-equal to one of them (LICENSE, README) comes from there too; of others nothing is known.
 */
#pragma once

#include "verifier/report/result.h"
#include "verifier/target/target.h"

struct source_files {
    struct source_file {
        struct sha256 digest;
        const char *path;   /* in the source */
        const char *source; /* "MODULE@VERSION" */
    } * items;              /* sorted by digest */
    size_t count, capacity;
    const char **trees; /* that are among them */
    size_t tree_count, tree_capacity;
    const char *artifacts; /* the folder whose files are no source where a working copy holds it */
};

/* Adds the files of the source of RESULT if that holds and counts. What cannot be listed adds
 * nothing. Of a working copy: as source_files_add_copy. */
void source_files_add(struct source_files *files, const struct subject_result *result,
                      unsigned jobs, struct arena *arena);

/* Adds the plain files of the working copy at PATH, but for those of version control, of test data
 * and of the folder of artifacts. SOURCE says whose they are. */
void source_files_add_copy(struct source_files *files, const char *path, const char *source,
                           struct arena *arena);

/* The file that MEMBER is a copy of, NULL if it is none. */
const struct source_file *source_files_find(const struct source_files *files,
                                            const struct target_member *member);

/* Sorts the members of FROM that are no Go binary into those that are such copies and all others;
 * fills these fields of RET alone. */
void source_files_judge(const struct source_files *files, const struct target_container *from,
                        struct arena *arena, struct container_result *ret);
