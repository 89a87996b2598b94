/* What Go refuses in a module zip: golang.org/x/mod/zip (CheckZip, Unzip) and module.CheckFilePath,
 * as of Go 1.26. Sizes and structure are zip_directory's business. */
#pragma once

#include "verifier/fetch/zip_directory.h"

/* Go's caps for a module zip. */
extern const struct zip_limits ZIP_MODULE_LIMITS;

/* Checks the entries of DIRECTORY against Go's rules; every name has to begin with PREFIX,
 * "path@version/". ARENA is for scratch. ERROR_FORMAT or ERROR_LIMIT naming the entry. */
CHECKED bool zip_rules_check(const struct zip_directory *directory, const char *prefix,
                             struct arena *arena, struct error *err);

/* Go's module.CheckFilePath: a name that all of Go's systems can have. */
CHECKED bool zip_file_path_check(struct bytes name, struct error *err);
