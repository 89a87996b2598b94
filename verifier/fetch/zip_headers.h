/* One entry of a zip: its header in the central directory and what stands at its offset. Part of
 * zip_directory; PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.9, 4.3.12, 4.5.3. */
#pragma once

#include "base/reader.h"
#include "verifier/fetch/zip_directory.h"

#define ZIP_CENTRAL_LEN 46

/* Takes the next central header off READER; RET's name is a view into it. ERROR_FORMAT,
 * ERROR_UNSUPPORTED (encryption, other methods than stored and deflate, several disks). */
CHECKED bool zip_central_header_read(struct reader *reader, struct zip_entry *ret,
                                     struct error *err);

/* What stands from ENTRY's offset to NEXT has to be its local header, saying the same as the
 * central one, its data, and its data descriptor if it announces one. */
CHECKED bool zip_local_entry_check(const struct source *zip, const struct zip_entry *entry,
                                   uint64_t next, struct error *err);
