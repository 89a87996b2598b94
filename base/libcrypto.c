// SPDX-License-Identifier: Apache-2.0
#include "base/libcrypto.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "base/error.h"

#define TEXT_OF(number) #number
#define NAME_WITH(version) "libcrypto.so." TEXT_OF(version)

static struct libcrypto library;
static pthread_once_t load_once = PTHREAD_ONCE_INIT;

/* POSIX has dlsym yield functions as data pointers, which C does not convert. */
static void look_up(void *handle, const char *name, void *ret_function)
{
    void *found = dlsym(handle, name);
    if (found == NULL) {
        bug("libcrypto has no %s", name);
    }
    memcpy(ret_function, &found, sizeof(found));
}

static void load(void)
{
    void *handle = dlopen(NAME_WITH(OPENSSL_SHLIB_VERSION), RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == NULL) {
        bug("cannot load %s", NAME_WITH(OPENSSL_SHLIB_VERSION));
    }
#define LOOK_UP(name) look_up(handle, #name, &library.name);
    LIBCRYPTO_FUNCTIONS(LOOK_UP)
}

const struct libcrypto *libcrypto(void)
{
    if (pthread_once(&load_once, load) != 0) {
        bug("cannot load libcrypto");
    }
    return &library;
}
