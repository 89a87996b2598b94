// SPDX-License-Identifier: Apache-2.0
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

#include "base/error.h"

void *library_open(const char *name)
{
    void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
    if (library == NULL) {
        bug("cannot load %s", name);
    }
    return library;
}

/* POSIX has dlsym yield functions as data pointers, which C does not convert. */
void library_look_up(void *library, const char *name, void *ret_function)
{
    void *found = dlsym(library, name);
    if (found == NULL) {
        bug("a library has no %s", name);
    }
    memcpy(ret_function, &found, sizeof(found));
}
