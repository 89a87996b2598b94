/* The two questions about characters that the rules for module zips ask, answered as Go does
 * (package unicode of Go 1.21 to 1.26: Unicode 15.0.0). libc's answers depend on the locale. */
#pragma once

#include <stdbool.h>

/* True for a letter of any script (general categories Lu, Ll, Lt, Lm, Lo). */
bool unicode_is_letter(unsigned character);

/* The same character for all that differ in case only: golang.org/x/mod/zip, strToFold. Its UTF-8
 * is never longer than that of CHARACTER. */
unsigned unicode_fold(unsigned character);
