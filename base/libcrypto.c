// SPDX-License-Identifier: Apache-2.0
#include "base/libcrypto.h"

#include <pthread.h>

#include "base/error.h"
#include "base/library.h"

#define TEXT_OF(number) #number
#define NAME_WITH(version) "libcrypto.so." TEXT_OF(version)

static struct libcrypto library;
static pthread_once_t load_once = PTHREAD_ONCE_INIT;

static void load(void)
{
    void *handle = library_open(NAME_WITH(OPENSSL_SHLIB_VERSION));
#define LOOK_UP(name) library_look_up(handle, #name, &library.name);
    LIBCRYPTO_FUNCTIONS(LOOK_UP)
}

const struct libcrypto *libcrypto(void)
{
    if (pthread_once(&load_once, load) != 0) {
        bug("cannot load libcrypto");
    }
    return &library;
}
