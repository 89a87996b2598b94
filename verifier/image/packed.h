/* Packers: programs that replace an executable by a compressed one which unpacks itself.
 *
 * UPX alone is known: its magic with a plausible header behind it (UPX source, packhead.cpp,
 * conf.h, stub/src/include/linux.h). What is inside is not looked at, and nothing is unpacked. */
#pragma once

#include "verifier/image/image.h"

/* "UPX 4.22 (NRV2E)", or as much of it as the file tells; "" if IMAGE is not packed. In ARENA. */
CHECKED bool packed_read(const struct image *image, struct arena *arena, const char **ret,
                         struct error *err);
