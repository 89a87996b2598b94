// SPDX-License-Identifier: Apache-2.0
/* Universal Mach-O files among the artifacts: their slices are rebuilt, but the whole file is what
 * is signed. */
#include <sys/stat.h>

#include "base/limits.h"
#include "cli/gate_fat.h"
#include "verifier/image/image_fat_gaps.h"

static bool is_slice(const struct target_subject *subject)
{
    return subject->file->slice_offset > 0;
}

static bool is_same_file(const struct target_subject *a, const struct target_subject *b)
{
    struct stat x, y;
    return fstat(a->fd, &x) == 0 && fstat(b->fd, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

size_t gate_fat_count(const struct target *target, size_t first)
{
    size_t count = 0;
    while (first + count < target->subject_count && count < LIMIT_FAT_SLICES &&
           is_slice(&target->subjects[first + count]) &&
           is_same_file(&target->subjects[first], &target->subjects[first + count])) {
        count++;
    }
    return count;
}

bool gate_fat_stray(const struct target *target, size_t first, size_t count, bool *ret,
                    uint64_t *ret_offset, struct error *err)
{
    struct fat_part parts[LIMIT_FAT_SLICES];
    struct source whole;
    for (size_t i = 0; i < count; i++) {
        const struct inspection *file = target->subjects[first + i].file;
        parts[i] = (struct fat_part){file->slice_offset, file->size};
    }
    if (!source_from_fd(target->subjects[first].fd, &whole, err) ||
        !fat_find_stray(&whole, parts, count, ret_offset, err)) {
        return false;
    }
    *ret = *ret_offset < whole.size;
    return true;
}
