/* Who signed the code, as far as the form of the signature tells: no certificate is checked.
 *
 * Mach-O: the blobs behind LC_CODE_SIGNATURE (Apple's xnu, osfmk/kern/cs_blobs.h). What Go's own
 * linker writes is a function of the rest of the file (Go source, cmd/internal/codesign), so it is
 * made anew and compared. PE: the attribute certificate table (Microsoft PE/COFF). */
#pragma once

#include "verifier/image/image.h"

enum code_signature_kind {
    CODE_SIGNATURE_NONE,
    CODE_SIGNATURE_AD_HOC,       /* the Go linker's own, byte for byte */
    CODE_SIGNATURE_AD_HOC_OTHER, /* without an identity, but not as the Go linker makes it */
    CODE_SIGNATURE_IDENTITY,     /* holds a signed message (CMS) */
    CODE_SIGNATURE_AUTHENTICODE,
};

struct code_signature {
    enum code_signature_kind kind;
    uint64_t offset, size; /* of the signature in the file; 0 if there is none */
};

/* ERROR_FORMAT only where the place of the signature is beyond the end of the file. */
CHECKED bool code_signature_read(const struct image *image, struct code_signature *ret,
                                 struct error *err);

/* "none", "ad-hoc", "ad-hoc-other", "identity", "authenticode". */
const char *code_signature_name(enum code_signature_kind kind);
