/* What a module's own files say of its licence: an identifier that they state, else the texts of
 * the SPDX list that they hold, else the text itself under a name of ours.
 *
 * Looked at are the files of the module's root that are called as licences are, and LICENSES/
 * (REUSE specification); a README only where there are none. */
#pragma once

#include "attest/sbom/licence_table.h"
#include "attest/sbom/sbom_model.h"

/* Longer than any licence, shorter than what is none. */
#define LICENCE_FILE_MAXIMUM (1024 * 1024)

enum licence_file_kind {
    LICENCE_FILE_NONE,
    LICENCE_FILE_TEXT,   /* what it holds is a licence, known or not */
    LICENCE_FILE_NOTICE, /* may hold one, and copyright lines */
    LICENCE_FILE_README, /* looked at where there is none of the others */
};

/* What the file PATH of a module is by its name. */
enum licence_file_kind licence_file_kind(const char *path);

struct licence_file {
    const char *path;
    struct bytes text;
};

/* Concludes from FILES (of any kind but NONE; sorted by path). Texts that the list does not account
 * for are added to RET_TEXTS (room for COUNT of them). Strings live in ARENA. */
void licence_files_conclude(const struct licence_table *table, const struct licence_file *files,
                            size_t count, struct arena *arena, struct sbom_licences *ret,
                            struct sbom_licence_text *ret_texts, size_t *ret_text_count);
