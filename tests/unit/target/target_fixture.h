/* What the tests of targets share: a scratch directory, an inspector, the target at hand, and Go
 * binaries and archives of our own making. */
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buffer.h"
#include "tests/unit/fetch/support.h"
#include "tests/unit/unit.h"
#include "verifier/target/target.h"

#define NPM "{\"name\": \"@scope/tool\", \"version\": \"1.2.3\"}"

extern char folder[64];
extern struct arena arena;
extern struct inspector *inspector;
extern struct target target;
extern struct error err;

int target_make(void **state);
int target_drop(void **state);

#define TARGET_CASE(name) cmocka_unit_test_setup_teardown(name, target_make, target_drop)

#define TARGET_MAIN(tests)                                                                         \
    int main(void)                                                                                 \
    {                                                                                              \
        support_helpers();                                                                         \
        cmocka_set_message_output(CM_OUTPUT_TAP);                                                  \
        return cmocka_run_group_tests(tests, NULL, NULL);                                          \
    }

/* A Go binary for linux/amd64 of example.com/m@v1.0.0. */
struct bytes program(void);

/* The path of NAME in the scratch directory; put writes it, with the folders above. */
const char *path_of(const char *name);
const char *put(const char *name, struct bytes content);
struct bytes load(const char *path);

/* Opens PATH as the target at hand. */
bool open_target(const char *path);
/* Nothing is left of what was unpacked. */
void expect_empty_scratch(void);

/* An archive of the format and compression that the end of PATH names. */
struct archive *start_archive(const char *path);
void add_entry(struct archive *out, const char *name, unsigned kind, struct bytes content,
               const char *link);
void add_file(struct archive *out, const char *name, struct bytes content);
void finish_archive(struct archive *out);
/* One called NAME of one file. */
const char *archive_of(const char *name, const char *member, struct bytes content);
/* An npm package @scope/tool 1.2.3 with a Go binary and a script. */
const char *npm_package(void);
