/* Shared libraries that are loaded when they are first needed: most runs need few of them, and each
 * costs a start of the program more than all that it does itself. */
#pragma once

/* The library NAME ("libcrypto.so.3"), loaded for good. Aborts if it is not there. */
void *library_open(const char *name) __attribute__((returns_nonnull));

/* Stores the address of function NAME of LIBRARY in *RET_FUNCTION, a pointer to it. Aborts if it
 * has none. */
void library_look_up(void *library, const char *name, void *ret_function);
