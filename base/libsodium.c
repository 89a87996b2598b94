// SPDX-License-Identifier: Apache-2.0
#include "base/libsodium.h"

#include <pthread.h>

#include "base/error.h"
#include "base/library.h"

/* Its header tells the number in the library's name since 1.0.19; before, that was 23. */
#if SODIUM_LIBRARY_VERSION_MAJOR < 23
#define NAME "libsodium.so.23"
#else
#define TEXT_OF(number) #number
#define NAME_WITH(version) "libsodium.so." TEXT_OF(version)
#define NAME NAME_WITH(SODIUM_LIBRARY_VERSION_MAJOR)
#endif

static struct libsodium library;
static pthread_once_t load_once = PTHREAD_ONCE_INIT;

static void load(void)
{
    void *handle = library_open(NAME);
#define LOOK_UP(name) library_look_up(handle, #name, &library.name);
    LIBSODIUM_FUNCTIONS(LOOK_UP)
    if (library.sodium_init() < 0) {
        bug("libsodium does not start");
    }
}

const struct libsodium *libsodium(void)
{
    if (pthread_once(&load_once, load) != 0) {
        bug("cannot load libsodium");
    }
    return &library;
}
