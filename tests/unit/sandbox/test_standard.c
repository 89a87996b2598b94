// SPDX-License-Identifier: Apache-2.0
/* Kept standard libraries: what was changed is never used, what is used was made here, and they do
 * not grow without end. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "tests/unit/unit.h"
#include "verifier/fetch/standard.h"
#include "verifier/sandbox/build_internal.h"
#include "verifier/sandbox/build_standard.h"

#define KEY "1111111111111111111111111111111111111111111111111111111111111111"
#define OTHER "2222222222222222222222222222222222222222222222222222222222222222"
#define THIRD "3333333333333333333333333333333333333333333333333333333333333333"

/* A store, a state, and a box whose cache is to be filled. */
struct fixture {
    char path[64];
    struct fetcher *fetcher;
    struct build_box box;
    struct arena arena;
};

static void open_fetcher(struct fixture *f)
{
    struct error err = {0};
    const struct fetch_settings settings = {.store = arena_printf(&f->arena, "%s/store", f->path),
                                            .state = arena_printf(&f->arena, "%s/state", f->path),
                                            .offline = true,
                                            .jobs = 1};
    if (!fetcher_open(&settings, &f->fetcher, &err)) {
        fail_msg("%s", err.message);
    }
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct error err;
    setenv("GOENV", "off", 1);
    scratch_make(f->path);
    open_fetcher(f);
    const char *box = arena_printf(&f->arena, "%s/box", f->path);
    assert_true(directory_make_path(box, &f->box.dir, &err));
    assert_true(directory_make(f->box.dir, BUILD_CACHE, 0755, NULL, &err));
    f->box.settings.jobs = 1;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    fetcher_free(&f->fetcher);
    close(f->box.dir);
    scratch_remove(f->path);
    arena_free(&f->arena);
    free(f);
    return 0;
}

static void write_file(int dir, const char *path, struct bytes content)
{
    struct error err;
    int fd;
    assert_true(file_open_beneath(dir, path, O_WRONLY | O_CREAT | O_TRUNC, 0644, &fd, &err));
    assert_true(fchmod(fd, 0644) == 0 && file_write_all(fd, content, &err));
    close(fd);
}

/* As the holder of the lock. */
static void make_unlocked(struct fixture *f, const char *key, const char *content)
{
    struct workspace draft;
    struct error err = {0};
    int root;
    assert_true(standard_draft(f->fetcher, &f->arena, &draft, &root, &err));
    assert_true(directory_make(root, "0a", 0755, NULL, &err));
    write_file(root, "0a/object-d", bytes_from_string(content));
    write_file(root, "0a/action-a", BYTES("v1"));
    write_file(root, "README", BYTES("text"));
    if (!standard_publish(f->fetcher, key, &draft, root, &err)) {
        fail_msg("%s", err.message);
    }
    close(root);
    workspace_free(&draft);
}

static void make(struct fixture *f, const char *key, const char *content)
{
    struct error err;
    int lock;
    assert_true(standard_lock(f->fetcher, key, &lock, &err));
    make_unlocked(f, key, content);
    standard_unlock(f->fetcher, key, &lock);
}

/* As a build begins. */
static bool use(struct fixture *f, const char *key, struct error *err)
{
    AUTO_FD int tree = -1;
    struct file_tree files;
    if (!standard_open(f->fetcher, key, &f->arena, &tree, &files, err)) {
        return false;
    }
    if (build_standard_put(&f->box, tree, &files, err)) {
        return true;
    }
    if (err->code == ERROR_UNTRUSTED) {
        standard_drop(f->fetcher, key, err->message);
    }
    return false;
}

static const char *in_cache(struct fixture *f, const char *path)
{
    struct error err = {0};
    struct bytes text;
    const char *place = arena_printf(&f->arena, BUILD_CACHE "/%s", path);
    return file_read(f->box.dir, place, KIB, &f->arena, &text, &err) ? arena_text(&f->arena, text)
                                                                     : NULL;
}

static size_t count_in(struct fixture *f, const char *place)
{
    struct error err;
    char **names;
    size_t count = 0;
    AUTO_FD int dir = -1;
    const char *path = arena_printf(&f->arena, "%s/%s", f->path, place);
    return directory_open(path, &dir, &err) && directory_list(dir, &f->arena, &names, &count, &err)
               ? count
               : 0;
}

/* The path of the one cache of KEY. */
static const char *path_of(struct fixture *f, const char *key)
{
    struct error err;
    char **names;
    size_t count;
    AUTO_FD int dir = -1;
    const char *folder = arena_printf(&f->arena, "%s/store/standard", f->path);
    assert_true(directory_open(folder, &dir, &err) &&
                directory_list(dir, &f->arena, &names, &count, &err));
    for (size_t i = 0; i < count; i++) {
        if (strncmp(names[i], key, 40) == 0) {
            return arena_printf(&f->arena, "%s/%s", folder, names[i]);
        }
    }
    return NULL;
}

static void what_was_kept_is_used(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    assert_fails(use(f, KEY, &err), &err, ERROR_ABSENT, "");
    make(f, KEY, "compiled");
    write_file(f->box.dir, BUILD_CACHE "/left", BYTES("by the question for packages"));
    assert_true(use(f, KEY, &err));
    assert_string_equal(in_cache(f, "0a/object-d"), "compiled");
    assert_null(in_cache(f, "left"));
    assert_int_equal(count_in(f, "store/drafts"), 0);
    assert_int_equal(count_in(f, "store/locks"), 0);
}

/* -- changed -- */

static void cut(int tree)
{
    write_file(tree, "0a/object-d", BYTES("compile"));
}

static void forge(int tree)
{
    write_file(tree, "0a/object-d", BYTES("Compiled"));
}

static void add(int tree)
{
    write_file(tree, "0a/other-d", BYTES("more"));
}

static void lose(int tree)
{
    assert_int_equal(unlinkat(tree, "0a/action-a", 0), 0);
}

/* To a file with the very same bytes. */
static void link_inside(int tree)
{
    assert_int_equal(renameat(tree, "0a/object-d", tree, "0a/object"), 0);
    assert_int_equal(symlinkat("object", tree, "0a/object-d"), 0);
}

static void link_outside(int tree)
{
    assert_int_equal(unlinkat(tree, "0a/object-d", 0), 0);
    assert_int_equal(symlinkat("/etc/passwd", tree, "0a/object-d"), 0);
}

static void link_folder(int tree)
{
    assert_int_equal(renameat(tree, "0a", tree, "0b"), 0);
    assert_int_equal(symlinkat("0b", tree, "0a"), 0);
}

static void make_executable(int tree)
{
    assert_int_equal(fchmodat(tree, "0a/object-d", 0755, 0), 0);
}

/* Not to be read by its owner; root reads it all the same. */
static void close_folder(int tree)
{
    assert_int_equal(fchmodat(tree, geteuid() == 0 ? "README" : "0a", 0, 0), 0);
    if (geteuid() == 0) {
        assert_int_equal(unlinkat(tree, "README", 0), 0);
    }
}

static void nothing_that_was_changed_is_used(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name;
        void (*change)(int tree);
    } changes[] = {
        {"cut", cut},
        {"forged", forge},
        {"a file more", add},
        {"a file less", lose},
        {"a link to a file", link_inside},
        {"a link to the host", link_outside},
        {"a link to a folder", link_folder},
        {"another mode", make_executable},
        {"unreadable", close_folder},
    };
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        AUTO_FD int tree = -1;
        struct error err = {0};
        make(f, KEY, "compiled");
        const char *path = arena_printf(&f->arena, "%s/tree", path_of(f, KEY));
        assert_true(directory_open(path, &tree, &err));
        changes[i].change(tree);
        if (use(f, KEY, &err)) {
            fail_msg("%s is used", changes[i].name);
        }
        if (count_in(f, "box/" BUILD_CACHE) != 0) {
            fail_msg("%s leaves something in the cache of the build", changes[i].name);
        }
        make(f, KEY, "compiled");
        if (!use(f, KEY, &err)) {
            fail_msg("after %s: %s", changes[i].name, err.message);
        }
    }
    assert_true(count_in(f, "store/quarantine") >= 2 * (ARRAY_LEN(changes) - 1));
}

/* What is neither file nor folder is not copied, and never waited for. */
static void a_fifo_inside_does_no_harm(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    make(f, KEY, "compiled");
    const char *path = arena_printf(&f->arena, "%s/tree/0a/fifo", path_of(f, KEY));
    assert_int_equal(mkfifo(path, 0644), 0);
    assert_true(use(f, KEY, &err));
    assert_int_equal(count_in(f, "box/" BUILD_CACHE "/0a"), 2);
}

/* A good one, of another toolchain, platform or flags: these are the key. */
static void what_was_swapped_is_not_used(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    make(f, KEY, "compiled");
    make(f, OTHER, "compiled for another");
    const char *one = path_of(f, KEY), *other = path_of(f, OTHER);
    const char *aside = arena_printf(&f->arena, "%s/aside", f->path);
    assert_true(rename(one, aside) == 0 && rename(other, one) == 0 && rename(aside, other) == 0);
    assert_false(use(f, KEY, &err));
    assert_null(in_cache(f, "0a/object-d"));
    assert_false(use(f, OTHER, &err));
    assert_null(in_cache(f, "0a/object-d"));
    assert_null(path_of(f, KEY));
}

static void the_tree_of_another_is_not_used(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    make(f, KEY, "compiled");
    make(f, OTHER, "compiled for another");
    const char *one = arena_printf(&f->arena, "%s/tree", path_of(f, KEY));
    const char *other = arena_printf(&f->arena, "%s/tree", path_of(f, OTHER));
    assert_int_equal(renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE), 0);
    assert_fails(use(f, KEY, &err), &err, ERROR_UNTRUSTED, "0a/object-d");
    assert_null(in_cache(f, "0a/object-d"));
}

/* Tree and manifest fit each other; the state says that another one was made here. */
static void what_nobody_wrote_down_is_not_used(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    const char *note = arena_printf(&f->arena, "%s/state/standard/%s", f->path, KEY);
    make(f, KEY, "compiled");
    static const char *const notes[] = {"", "00", "zz",
                                        "00000000000000000000000000000000000000000000000000000000"
                                        "00000000"};
    AUTO_FD int dir = -1;
    assert_true(directory_open(arena_printf(&f->arena, "%s/state/standard", f->path), &dir, &err));
    for (size_t i = 0; i < ARRAY_LEN(notes); i++) {
        write_file(dir, KEY, bytes_from_string(notes[i]));
        assert_false(use(f, KEY, &err));
    }
    assert_int_equal(unlink(note), 0);
    assert_fails(use(f, KEY, &err), &err, ERROR_ABSENT, "");
    make(f, KEY, "compiled");
    assert_true(use(f, KEY, &err));
}

static void the_key_is_all_that_compiling_depends_on(void **state)
{
    struct fixture *f = *state;
    const char *environment[] = {"GOOS=linux", "GOARCH=amd64", "GOMAXPROCS=2", NULL};
    const char *platform[] = {"GOOS=linux", "GOARCH=arm64", "GOMAXPROCS=2", NULL};
    const char *cores[] = {"GOOS=linux", "GOARCH=amd64", "GOMAXPROCS=8", NULL};
    const char *packages[] = {"fmt", "os"}, *fewer[] = {"fmt"};
    struct recipe recipe = {.buildmode = "", .tags = "", .gcflags = "", .asmflags = ""};
    char keys[9][SHA256_HEX_LEN + 1];
    size_t count = 0;
    f->box.recipe = &recipe;
    f->box.environment = environment;
    build_standard_key(&f->box, "h1:a", packages, 2, keys[count++]);
    build_standard_key(&f->box, "h1:b", packages, 2, keys[count++]);
    build_standard_key(&f->box, "h1:a", fewer, 1, keys[count++]);
    f->box.environment = platform;
    build_standard_key(&f->box, "h1:a", packages, 2, keys[count++]);
    f->box.environment = environment;
    recipe.trimpath = true;
    build_standard_key(&f->box, "h1:a", packages, 2, keys[count++]);
    recipe.tags = "netgo";
    build_standard_key(&f->box, "h1:a", packages, 2, keys[count++]);
    recipe.gcflags = "all=-N";
    build_standard_key(&f->box, "h1:a", packages, 2, keys[count++]);
    recipe.buildmode = "pie";
    build_standard_key(&f->box, "h1:a", packages, 2, keys[count++]);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(keys[i], keys[j]);
        }
    }
    f->box.environment = cores;
    build_standard_key(&f->box, "h1:a", packages, 2, keys[count]);
    assert_string_equal(keys[count], keys[count - 1]);
}

/* -- several at once -- */

static _Noreturn void be_one_of_many(struct fixture *f, int log)
{
    struct error err = {0};
    int lock;
    open_fetcher(f);
    if (!standard_lock(f->fetcher, KEY, &lock, &err)) {
        _exit(1);
    }
    if (!use(f, KEY, &err)) {
        make_unlocked(f, KEY, "compiled");
        if (write(log, "m", 1) != 1 || !use(f, KEY, &err)) {
            _exit(2);
        }
    }
    standard_unlock(f->fetcher, KEY, &lock);
    _exit(0);
}

static void one_of_many_makes_it(void **state)
{
    struct fixture *f = *state;
    struct stat info;
    struct error err = {0};
    const char *path = arena_printf(&f->arena, "%s/log", f->path);
    AUTO_FD int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    pid_t children[8];
    for (size_t i = 0; i < ARRAY_LEN(children); i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct fixture own = {0};
            memcpy(own.path, f->path, sizeof(own.path));
            const char *box = arena_printf(&own.arena, "%s/box%zu", f->path, i);
            if (!directory_make_path(box, &own.box.dir, &err) ||
                !directory_make(own.box.dir, BUILD_CACHE, 0755, NULL, &err)) {
                _exit(3);
            }
            own.box.settings.jobs = 1;
            be_one_of_many(&own, log);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(children); i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_true(fstat(log, &info) == 0 && info.st_size == 1);
    assert_int_equal(count_in(f, "store/standard"), 1);
    assert_int_equal(count_in(f, "store/locks"), 0);
    assert_true(use(f, KEY, &err));
}

/* -- room -- */

static void set_age(struct fixture *f, const char *key, time_t seconds)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = time(NULL) - seconds}};
    assert_int_equal(utimensat(AT_FDCWD, path_of(f, key), times, 0), 0);
}

static void what_nobody_uses_goes(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    make(f, KEY, "compiled");
    make(f, OTHER, "compiled for another");
    set_age(f, KEY, LIMIT_STANDARD_AGE + 100);
    set_age(f, OTHER, LIMIT_STANDARD_AGE - 100);
    make(f, THIRD, "compiled for a third");
    assert_null(path_of(f, KEY));
    assert_non_null(path_of(f, OTHER));
    assert_int_equal(count_in(f, "state/standard"), 2);
    assert_int_equal(count_in(f, "store/locks"), 0);
    /* Use is what counts. */
    set_age(f, OTHER, LIMIT_STANDARD_AGE + 100);
    assert_true(use(f, OTHER, &err));
    make(f, KEY, "compiled again");
    assert_true(use(f, OTHER, &err) && use(f, KEY, &err) && use(f, THIRD, &err));
}

static void what_was_used_longest_ago_makes_room(void **state)
{
    struct fixture *f = *state;
    make(f, KEY, "0123456789");
    make(f, OTHER, "0123456789");
    make(f, THIRD, "0123456789");
    set_age(f, KEY, 10);
    set_age(f, OTHER, 30);
    set_age(f, THIRD, 20);
    /* Each has 16 bytes: "v1", "text" and ten. */
    standard_prune(f->fetcher, 48, 1000);
    assert_int_equal(count_in(f, "store/standard"), 3);
    standard_prune(f->fetcher, 47, 1000);
    assert_null(path_of(f, OTHER));
    assert_int_equal(count_in(f, "store/standard"), 2);
    standard_prune(f->fetcher, 16, 1000);
    assert_non_null(path_of(f, KEY));
    standard_prune(f->fetcher, 0, 1000);
    assert_int_equal(count_in(f, "store/standard"), 0);
    assert_int_equal(count_in(f, "state/standard"), 0);
}

static void what_is_in_use_stays(void **state)
{
    struct fixture *f = *state;
    struct error err;
    int lock;
    make(f, KEY, "compiled");
    make(f, OTHER, "compiled for another");
    assert_true(standard_lock(f->fetcher, KEY, &lock, &err));
    standard_prune(f->fetcher, 0, 1000);
    assert_non_null(path_of(f, KEY));
    assert_null(path_of(f, OTHER));
    standard_unlock(f->fetcher, KEY, &lock);
}

/* Killed while it removed one; and what is not ours. */
static void a_removal_that_was_cut_short_is_ended(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    make(f, KEY, "compiled");
    const char *folder = arena_printf(&f->arena, "%s/store/standard", f->path);
    assert_int_equal(unlink(arena_printf(&f->arena, "%s/manifest", path_of(f, KEY))), 0);
    assert_int_equal(mkdir(arena_printf(&f->arena, "%s/notes", folder), 0700), 0);
    assert_fails(use(f, KEY, &err), &err, ERROR_ABSENT, "");
    assert_int_equal(count_in(f, "store/quarantine"), 0);
    standard_prune(f->fetcher, GIB, 1000);
    assert_null(path_of(f, KEY));
    assert_int_equal(count_in(f, "store/standard"), 1);
    make(f, KEY, "compiled");
    assert_true(use(f, KEY, &err));
}

/* A clock that was put back, or forth: nothing but time is lost. */
static void other_clocks_do_no_harm(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    make(f, KEY, "compiled");
    set_age(f, KEY, -(time_t)10 * 365 * 86400);
    make(f, OTHER, "compiled for another");
    assert_non_null(path_of(f, KEY));
    assert_true(use(f, KEY, &err));
    set_age(f, KEY, time(NULL));
    make(f, THIRD, "compiled for a third");
    assert_null(path_of(f, KEY));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    CASE(what_was_kept_is_used),
    CASE(nothing_that_was_changed_is_used),
    CASE(a_fifo_inside_does_no_harm),
    CASE(what_was_swapped_is_not_used),
    CASE(the_tree_of_another_is_not_used),
    CASE(what_nobody_wrote_down_is_not_used),
    CASE(the_key_is_all_that_compiling_depends_on),
    CASE(one_of_many_makes_it),
    CASE(what_nobody_uses_goes),
    CASE(what_was_used_longest_ago_makes_room),
    CASE(what_is_in_use_stays),
    CASE(a_removal_that_was_cut_short_is_ended),
    CASE(other_clocks_do_no_harm),
};

UNIT_MAIN(tests)
