/* What every unit test starts with: cmocka in TAP, scratch directories, and the folder of test
 * vectors by others. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"

/* Runs the array TESTS as this program's main. */
#define UNIT_MAIN(tests)                                                                           \
    int main(void)                                                                                 \
    {                                                                                              \
        cmocka_set_message_output(CM_OUTPUT_TAP);                                                  \
        return cmocka_run_group_tests(tests, NULL, NULL);                                          \
    }

/* A string literal as bytes, embedded NULs included. */
#define BYTES(literal) bytes_from(literal, sizeof(literal) - 1)

#define assert_bytes(actual, expected)                                                             \
    do {                                                                                           \
        struct bytes actual_ = (actual);                                                           \
        struct bytes expected_ = (expected);                                                       \
        assert_int_equal(actual_.len, expected_.len);                                              \
        if (expected_.len > 0) {                                                                   \
            assert_memory_equal(actual_.data, expected_.data, expected_.len);                      \
        }                                                                                          \
    } while (0)

/* CALL must fail with CODE and a message that contains PART. */
#define assert_fails(call, err, expected_code, part)                                               \
    do {                                                                                           \
        assert_false(call);                                                                        \
        assert_string_equal(error_code_name((err)->code), error_code_name(expected_code));         \
        if (strstr((err)->message, (part)) == NULL) {                                              \
            fail_msg("\"%s\" does not contain \"%s\"", (err)->message, (part));                    \
        }                                                                                          \
    } while (0)

/* Makes a fresh directory under the system's temporary one; its path into RET. Remove it with
 * scratch_remove. */
void scratch_make(char ret[64]);
void scratch_remove(const char *path);

/* Such a directory as the state of a test, open. */
struct scratch {
    char path[64];
    int fd;
};

int scratch_set_up(void **state);
int scratch_tear_down(void **state);

/* The folder of the set NAME of test vectors by others ($REPROOF_CORPORA, else beside the project),
 * into RET; false if it is not there: skip() then, which names the set. */
bool corpus_find(const char *name, char *ret, size_t ret_len);

/* The whole file at PATH as a heap block of exactly its size, so that sanitizers see a read past
 * it; fails the test if it cannot be read. */
struct bytes file_load(const char *path);
