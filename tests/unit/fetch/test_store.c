// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/unit/fetch/support.h"
#include "verifier/fetch/dirhash.h"
#include "verifier/fetch/store.h"

#define PREFIX "example.com/m@v1.0.0/"

struct fixture {
    char path[64];
    const char *place;
    struct store *store;
    struct arena arena;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct error err;
    scratch_make(f->path);
    f->place = arena_printf(&f->arena, "%s/a/store", f->path);
    assert_true(store_open(f->place, &f->store, &err));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    store_free(&f->store);
    scratch_remove(f->path);
    arena_free(&f->arena);
    free(f);
    return 0;
}

static void write_partial(struct store *store, const char *key, struct bytes content, int *ret_fd)
{
    struct error err;
    char etag[32];
    assert_true(store_partial_open(store, key, ret_fd, etag, sizeof(etag), &err));
    assert_string_equal(etag, "");
    assert_true(file_write_all(*ret_fd, content, &err));
}

static struct sha256 put_object(struct store *store, struct bytes content)
{
    struct sha256 digest;
    struct error err;
    int fd;
    write_partial(store, "key", content, &fd);
    assert_true(store_object_adopt(store, "key", fd, &digest, &err));
    close(fd);
    return digest;
}

/* A tree of two files and a directory entry, published; its h1. */
static bool publish_tree(struct store *store, char h1[H1_LEN + 1], struct error *err)
{
    struct workspace draft;
    struct file_tree files;
    struct arena arena = {0};
    int root, fd;
    struct sha256 zip = put_object(store, BYTES("the zip"));
    assert_true(store_draft(store, &arena, &draft, &root, err));
    assert_true(directory_make(root, "d", 0755, NULL, err));
    assert_true(file_open_beneath(root, "go.mod", O_WRONLY | O_CREAT, 0444, &fd, err));
    assert_true(file_write_all(fd, BYTES("module example.com/m\n"), err));
    close(fd);
    assert_true(file_open_beneath(root, "d/f", O_WRONLY | O_CREAT, 0444, &fd, err));
    close(fd);
    assert_true(file_tree_scan(root, &arena, &files, err) && file_tree_hash(root, &files, 1, err));
    assert_true(dirhash_tree(&files, PREFIX, h1, err));
    bool ok = store_tree_publish(store, &draft, h1, &files, &zip, err);
    workspace_free(&draft);
    close(root);
    arena_free(&arena);
    return ok;
}

static const char *tree_path(struct fixture *f, const char *h1, const char *name)
{
    struct sha256 digest;
    char hex[SHA256_HEX_LEN + 1];
    assert_true(dirhash_parse(h1, &digest));
    sha256_hex(&digest, hex);
    return arena_printf(&f->arena, "trees/%s/%s", hex, name);
}

static size_t count_in(struct fixture *f, const char *folder)
{
    size_t count;
    support_list(arena_printf(&f->arena, "%s/%s", f->place, folder), "", &f->arena, &count);
    return count;
}

/* Changes the byte at OFFSET of PATH. */
static void spoil(struct fixture *f, const char *path, off_t offset)
{
    const char *whole = arena_printf(&f->arena, "%s/%s", f->place, path);
    char byte;
    assert_int_equal(chmod(whole, 0644), 0);
    int fd = open(whole, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, offset), 1);
    byte = byte == '0' ? '1' : '0';
    assert_int_equal(pwrite(fd, &byte, 1, offset), 1);
    close(fd);
    assert_int_equal(chmod(whole, 0444), 0);
}

static void keeps_objects_by_digest(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    int fd;
    struct sha256 digest = put_object(f->store, BYTES("content"));
    struct sha256 want = sha256_of(BYTES("content"));
    assert_true(sha256_equal(&digest, &want));
    assert_true(store_object_open(f->store, &digest, &fd, &err));
    close(fd);
    assert_int_equal(count_in(f, "partial"), 0);
    want.bytes[0] ^= 1;
    assert_fails(store_object_open(f->store, &want, &fd, &err), &err, ERROR_ABSENT, "object");
}

static void continues_a_download_that_has_a_note(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char etag[8];
    struct stat info;
    int fd;
    write_partial(f->store, "key", BYTES("half"), &fd);
    close(fd);
    assert_true(store_partial_note(f->store, "key", "\"1\"", NULL));
    assert_true(store_partial_open(f->store, "key", &fd, etag, sizeof(etag), &err));
    assert_string_equal(etag, "\"1\"");
    assert_int_equal(fstat(fd, &info), 0);
    assert_int_equal(info.st_size, 4);
    close(fd);
    assert_true(store_partial_note(f->store, "key", "\"too long for that\"", NULL));
    assert_true(store_partial_open(f->store, "key", &fd, etag, sizeof(etag), &err));
    assert_string_equal(etag, "");
    assert_int_equal(fstat(fd, &info), 0);
    assert_int_equal(info.st_size, 0);
    close(fd);
    store_partial_remove(f->store, "key");
    assert_int_equal(count_in(f, "partial"), 0);
}

static void puts_a_changed_object_in_quarantine(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char hex[SHA256_HEX_LEN + 1];
    int fd;
    struct sha256 digest = put_object(f->store, BYTES("content"));
    sha256_hex(&digest, hex);
    spoil(f, arena_printf(&f->arena, "objects/%s", hex), 3);
    assert_fails(store_object_open(f->store, &digest, &fd, &err), &err, ERROR_UNTRUSTED,
                 "/quarantine/");
    assert_int_equal(count_in(f, "objects"), 0);
    assert_int_equal(count_in(f, "quarantine"), 2);
    assert_fails(store_object_open(f->store, &digest, &fd, &err), &err, ERROR_ABSENT, "object");
}

static void opens_the_tree_that_was_published(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char h1[H1_LEN + 1];
    struct stored_tree tree;
    assert_true(publish_tree(f->store, h1, &err));
    assert_true(store_tree_open(f->store, h1, PREFIX, 2, &f->arena, &tree, &err));
    assert_int_equal(tree.files.count, 2);
    struct stat info;
    assert_int_equal(stat(tree.path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0755);
    stored_tree_free(&tree);
    assert_int_equal(count_in(f, "drafts"), 0);
    /* Another process may have been first: that is as good. */
    assert_true(publish_tree(f->store, h1, &err));
    assert_int_equal(count_in(f, "drafts"), 0);
    assert_int_equal(count_in(f, "trees"), 1);
}

static void knows_a_tree_by_its_names_too(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char h1[H1_LEN + 1];
    struct stored_tree tree;
    assert_true(publish_tree(f->store, h1, &err));
    assert_fails(store_tree_open(f->store, h1, "example.com/m@v1.0.1/", 2, &f->arena, &tree, &err),
                 &err, ERROR_UNTRUSTED, "manifest");
}

/* Every kind of file that belongs to a tree, changed by one byte. */
static void finds_every_change_of_a_tree(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"tree/go.mod", "manifest", "zip"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct error err = {0};
        char h1[H1_LEN + 1];
        struct stored_tree tree;
        assert_true(publish_tree(f->store, h1, &err));
        spoil(f, tree_path(f, h1, names[i]), 17);
        assert_fails(store_tree_open(f->store, h1, PREFIX, 2, &f->arena, &tree, &err), &err,
                     ERROR_UNTRUSTED, "/quarantine/");
        assert_int_equal(count_in(f, "trees"), 0);
        assert_int_equal(count_in(f, "quarantine"), 2 * (i + 1));
    }
}

static void finds_files_added_removed_and_replaced(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 5; i++) {
        struct error err = {0};
        char h1[H1_LEN + 1];
        struct stored_tree tree;
        assert_true(publish_tree(f->store, h1, &err));
        const char *file = arena_printf(&f->arena, "%s/%s", f->place, tree_path(f, h1, "tree/d/f"));
        const char *other =
            arena_printf(&f->arena, "%s/%s", f->place, tree_path(f, h1, "tree/d/x"));
        if (i == 0) {
            assert_int_equal(unlink(file), 0);
        } else if (i == 1) {
            close(open(other, O_CREAT | O_WRONLY, 0444));
        } else if (i == 2) {
            assert_int_equal(rename(file, other), 0);
        } else if (i == 3) {
            assert_int_equal(chmod(file, 0555), 0);
        } else {
            assert_int_equal(unlink(file), 0);
            assert_int_equal(symlink("/dev/null", file), 0);
        }
        assert_fails(store_tree_open(f->store, h1, PREFIX, 2, &f->arena, &tree, &err), &err,
                     ERROR_UNTRUSTED, "stored tree was changed");
    }
}

static void wants_the_zip_of_a_tree_too(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char h1[H1_LEN + 1], hex[SHA256_HEX_LEN + 1];
    struct stored_tree tree;
    assert_true(publish_tree(f->store, h1, &err));
    struct sha256 zip = sha256_of(BYTES("the zip"));
    sha256_hex(&zip, hex);
    spoil(f, arena_printf(&f->arena, "objects/%s", hex), 0);
    assert_fails(store_tree_open(f->store, h1, PREFIX, 2, &f->arena, &tree, &err), &err,
                 ERROR_UNTRUSTED, "object");
}

static void writes_notes_whole(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct bytes found;
    assert_true(store_note_write(f->store, "sumdb/x", "tile/8/0/x001/234", BYTES("one"), &err));
    assert_true(store_note_write(f->store, "sumdb/x", "tile/8/0/x001/234", BYTES("two"), &err));
    assert_true(
        store_note_read(f->store, "sumdb/x", "tile/8/0/x001/234", 100, &f->arena, &found, &err));
    assert_bytes(found, BYTES("two"));
    assert_fails(
        store_note_read(f->store, "sumdb/x", "tile/8/0/x001/234", 2, &f->arena, &found, &err), &err,
        ERROR_LIMIT, "3 bytes");
    assert_fails(store_note_read(f->store, "mods", "none", 2, &f->arena, &found, &err), &err,
                 ERROR_ABSENT, "none");
    assert_false(store_note_write(f->store, "sumdb/x", "../../../out", BYTES("x"), &err));
}

static void is_private(void **state)
{
    struct fixture *f = *state;
    static const char *const closed[] = {"objects", "partial", "locks", "drafts", "quarantine"};
    struct stat info;
    struct error err = {0};
    struct store *again = NULL;
    for (size_t i = 0; i < ARRAY_LEN(closed); i++) {
        assert_int_equal(stat(arena_printf(&f->arena, "%s/%s", f->place, closed[i]), &info), 0);
        assert_int_equal(info.st_mode & 07777, 0700);
    }
    assert_int_equal(stat(f->place, &info), 0);
    assert_int_equal(info.st_mode & 0066, 0);
    assert_int_equal(chmod(f->place, 0777), 0);
    assert_fails(store_open(f->place, &again, &err), &err, ERROR_UNTRUSTED, "written by others");
    assert_int_equal(chmod(f->place, 0700), 0);
    assert_fails(store_open("relative", &again, &err), &err, ERROR_USAGE, "absolute");
    assert_null(again);
}

/* A child that makes a workspace with something in it and waits to be killed. */
static pid_t start_owner(struct fixture *f, char name[64])
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct workspace workspace;
        struct arena arena = {0};
        if (store_workspace(f->store, &arena, &workspace, NULL) &&
            directory_make(workspace.dir, "a/b", 0700, NULL, NULL) &&
            write(ends[1], workspace.name, 64) == 64) {
            pause();
        }
        _exit(1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], name, 64), 64);
    close(ends[0]);
    return child;
}

static void keeps_the_workspaces_of_the_living_and_removes_those_of_the_dead(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char dead[64], living[64];
    struct store *again = NULL;
    pid_t killed = start_owner(f, dead);
    pid_t kept = start_owner(f, living);
    assert_int_equal(kill(killed, SIGKILL), 0);
    waitpid(killed, NULL, 0);
    assert_int_equal(count_in(f, "work"), 4);
    assert_true(store_open(f->place, &again, &err));
    assert_int_equal(count_in(f, "work"), 2);
    assert_true(
        file_exists(store_directory(again), arena_printf(&f->arena, "work/%s/a/b", living)));
    assert_false(file_exists(store_directory(again), arena_printf(&f->arena, "work/%s", dead)));
    kill(kept, SIGKILL);
    waitpid(kept, NULL, 0);
    store_free(&again);
    assert_true(store_open(f->place, &again, &err));
    assert_int_equal(count_in(f, "work"), 0);
    struct workspace workspace;
    assert_true(store_workspace(again, &f->arena, &workspace, &err));
    struct stat info;
    assert_int_equal(stat(workspace.path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0711);
    workspace_free(&workspace);
    assert_int_equal(count_in(f, "work"), 0);
    store_free(&again);
}

static void gives_the_lock_of_the_dead_to_the_next(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    int ends[2];
    char c;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        int lock;
        if (store_lock(f->store, "key", &lock, NULL) && write(ends[1], "x", 1) == 1) {
            pause();
        }
        _exit(1);
    }
    assert_int_equal(read(ends[0], &c, 1), 1);
    int lock;
    int dir;
    assert_true(directory_open(arena_printf(&f->arena, "%s/locks", f->place), &dir, &err));
    assert_false(file_lock(dir, "key", false, &lock, &err));
    kill(child, SIGKILL);
    assert_true(store_lock(f->store, "key", &lock, &err));
    waitpid(child, NULL, 0);
    close(lock);
    close(dir);
    close(ends[0]);
    close(ends[1]);
}

/* Fills a file system of SIZE and publishes there until it is full; needs root. */
static void leaves_nothing_behind_on_a_full_disk(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    const char *place = arena_printf(&f->arena, "%s/full", f->path);
    if (geteuid() != 0) {
        printf("# skip: mounting a small file system needs root\n");
        skip();
    }
    assert_int_equal(mkdir(place, 0700), 0);
    if (mount("none", place, "tmpfs", 0, "size=1m,mode=0700") != 0) {
        printf("# skip: no tmpfs can be mounted here: %s\n", strerror(errno));
        skip();
    }
    struct store *store = NULL;
    char h1[H1_LEN + 1];
    assert_true(store_open(place, &store, &err));
    assert_true(publish_tree(store, h1, &err));
    static uint8_t zeros[4096];
    int filler =
        open(arena_printf(&f->arena, "%s/filler", place), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (write(filler, zeros, sizeof(zeros)) > 0) {
    }
    assert_fails(store_note_write(store, "mods", "x", bytes_from(zeros, 4096), &err), &err,
                 ERROR_LIMIT, "");
    assert_true(err.cure[0] != '\0');
    f->place = place;
    assert_int_equal(count_in(f, "drafts"), 0);
    struct stored_tree tree;
    assert_true(store_tree_open(store, h1, PREFIX, 1, &f->arena, &tree, &err));
    stored_tree_free(&tree);
    close(filler);
    store_free(&store);
    assert_int_equal(umount(place), 0);
}

static void make_old(struct fixture *f, const char *path, bool old)
{
    const char *place = arena_printf(&f->arena, "%s/%s", f->place, path);
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                                      {.tv_sec = time(NULL) - (old ? 8 : 6) * 86400}};
    close(open(place, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    assert_int_equal(utimensat(AT_FDCWD, place, times, 0), 0);
}

static bool is_there(struct fixture *f, const char *path)
{
    struct stat info;
    return stat(arena_printf(&f->arena, "%s/%s", f->place, path), &info) == 0;
}

/* A clock that jumps makes everything old, also what somebody works on in this moment. */
static void what_is_old_and_not_locked_goes(void **state)
{
    struct fixture *f = *state;
    struct error err;
    int lock;
    static const char *const places[] = {"partial/a",  "partial/a.etag",   "partial/b",
                                         "locks/c",    "partial/.tmp-1",   "partial/held",
                                         "locks/held", "partial/held.etag"};
    assert_true(store_lock(f->store, "held", &lock, &err));
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        make_old(f, places[i], true);
    }
    make_old(f, "partial/fresh", false);
    make_old(f, "locks/fresh", false);
    store_free(&f->store);
    assert_true(store_open(f->place, &f->store, &err));
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        if (is_there(f, places[i]) != (i >= 5)) {
            fail_msg("%s is %sthere", places[i], i >= 5 ? "not " : "");
        }
    }
    assert_true(is_there(f, "partial/fresh") && is_there(f, "locks/fresh"));
    assert_false(is_there(f, "locks/a") || is_there(f, "locks/.tmp-1"));
    close(lock);
    make_old(f, "locks/held", true);
    store_free(&f->store);
    assert_true(store_open(f->place, &f->store, &err));
    assert_false(is_there(f, "locks/held") || is_there(f, "partial/held"));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    CASE(keeps_objects_by_digest),
    CASE(continues_a_download_that_has_a_note),
    CASE(puts_a_changed_object_in_quarantine),
    CASE(opens_the_tree_that_was_published),
    CASE(knows_a_tree_by_its_names_too),
    CASE(finds_every_change_of_a_tree),
    CASE(finds_files_added_removed_and_replaced),
    CASE(wants_the_zip_of_a_tree_too),
    CASE(writes_notes_whole),
    CASE(is_private),
    CASE(keeps_the_workspaces_of_the_living_and_removes_those_of_the_dead),
    CASE(gives_the_lock_of_the_dead_to_the_next),
    CASE(leaves_nothing_behind_on_a_full_disk),
    CASE(what_is_old_and_not_locked_goes),
};

UNIT_MAIN(tests)
