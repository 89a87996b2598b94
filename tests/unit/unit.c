// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

void scratch_make(char ret[64])
{
    /* Short, because paths of sockets are. */
    const char *folder = getenv("TMPDIR");
    bool fits = folder != NULL && folder[0] == '/' && strlen(folder) < 40;
    snprintf(ret, 64, "%s/reproof-unit-XXXXXX", fits ? folder : "/tmp");
    assert_non_null(mkdtemp(ret));
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

void scratch_remove(const char *path)
{
    assert_int_equal(nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS), 0);
}

int scratch_set_up(void **state)
{
    struct scratch *scratch = calloc(1, sizeof(*scratch));
    assert_non_null(scratch);
    scratch_make(scratch->path);
    scratch->fd = open(scratch->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(scratch->fd >= 0);
    *state = scratch;
    return 0;
}

int scratch_tear_down(void **state)
{
    struct scratch *scratch = *state;
    close(scratch->fd);
    scratch_remove(scratch->path);
    free(scratch);
    return 0;
}

bool corpus_find(const char *name, char *ret, size_t ret_len)
{
    const char *corpora = getenv("REPROOF_CORPORA");
    const char *root = getenv("MESON_SOURCE_ROOT");
    if (corpora != NULL) {
        snprintf(ret, ret_len, "%s/%s", corpora, name);
    } else {
        snprintf(ret, ret_len, "%s/../shared/data/%s", root == NULL ? "." : root, name);
    }
    struct stat info;
    if (stat(ret, &info) == 0) {
        return true;
    }
    printf("# skip: the set %s is not here\n", name);
    return false;
}

struct bytes file_load(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat info;
    if (file == NULL || fstat(fileno(file), &info) != 0) {
        fail_msg("cannot read %s", path);
    }
    size_t len = (size_t)info.st_size;
    uint8_t *content = malloc(len == 0 ? 1 : len);
    assert_non_null(content);
    assert_int_equal(fread(content, 1, len, file), len);
    fclose(file);
    return bytes_from(content, len);
}
