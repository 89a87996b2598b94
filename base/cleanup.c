// SPDX-License-Identifier: Apache-2.0
#include "base/cleanup.h"

#include <errno.h>
#include <stdlib.h>

void fd_close(int *fd)
{
    if (*fd >= 0) {
        int kept = errno;
        close(*fd);
        errno = kept;
    }
    *fd = -1;
}

int fd_steal(int *fd)
{
    int value = *fd;
    *fd = -1;
    return value;
}

void heap_free(void *pointer)
{
    free(*(void **)pointer);
}
