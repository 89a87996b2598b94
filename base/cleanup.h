/* Scope-bound release of handles, and handing them out of a scope.
 *
 * AUTO(x) on a declaration calls x_free(&variable) when the scope ends; x_free accepts a pointer to
 * NULL (or to a cleared value). STEAL(p) yields the value and empties the variable, so that the
 * scope no longer releases it. */
#pragma once

#include <unistd.h>

#define AUTO(type) __attribute__((cleanup(type##_free)))
#define AUTO_FD __attribute__((cleanup(fd_close)))
#define AUTO_FREE __attribute__((cleanup(heap_free)))

#define STEAL(pointer)                                                                             \
    __extension__({                                                                                \
        __typeof__(pointer) stolen_ = (pointer);                                                   \
        (pointer) = NULL;                                                                          \
        stolen_;                                                                                   \
    })

#define CHECKED __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Closes *FD unless it is negative, and sets it to -1. errno is kept. */
void fd_close(int *fd);

/* Yields *FD and sets it to -1. */
int fd_steal(int *fd);

/* free(3) on the pointer that POINTER points at. */
void heap_free(void *pointer);
