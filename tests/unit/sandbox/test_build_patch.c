// SPDX-License-Identifier: Apache-2.0
/* The change to a toolchain that takes its linker's build information out, with a program of ours
 * in the place of go: which source it is shown, and what stands in the linker's place afterwards.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/unit/unit.h"
#include "verifier/sandbox/build.h"
#include "verifier/sandbox/build_internal.h"

#define CALL "\n\tctxt.buildinfo()\n"
#define SOURCE "package ld\nfunc Main() {" CALL "\tlast()\n}\n"
#define LINKER "toolchain/src/cmd/link/internal/ld/main.go"

struct place {
    char top[64];
    int dir;
    struct workspace workspace;
    struct arena arena;
};

static void write_text(struct place *place, const char *path, const char *text)
{
    struct error err;
    assert_true(directory_remove(place->dir, path, &err) || !file_exists(place->dir, path));
    assert_true(build_write_file(place->dir, path, bytes_from_string(text), 0644, &err));
}

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    struct error err;
    AUTO_FD int from = open(getenv("HOSTILE"), O_RDONLY | O_CLOEXEC);
    AUTO_FD int to = -1;
    snprintf(place->top, sizeof(place->top), "/tmp/patch-test-XXXXXX");
    assert_non_null(mkdtemp(place->top));
    assert_true(directory_open(place->top, &place->dir, &err));
    assert_true(directory_make(place->dir, "work", 0711, &place->workspace.dir, &err));
    place->workspace.path = arena_printf(&place->arena, "%s/work", place->top);
    assert_true(directory_make(place->dir, "toolchain/bin", 0755, NULL, &err));
    assert_true(
        file_open_beneath(place->dir, "toolchain/bin/go", O_WRONLY | O_CREAT, 0755, &to, &err));
    assert_true(file_copy(from, to, &err));
    assert_int_equal(fchmod(to, 0755), 0);
    write_text(place, "toolchain/pkg/tool/linux_amd64/link", "the old one");
    write_text(place, "toolchain/pkg/tool/linux_amd64/compile", "the compiler");
    write_text(place, "toolchain/pkg/include/x.h", "x");
    write_text(place, "module/go.mod", "module example.org/m\n\ngo 1.20\n");
    /* Another user goes in, if root started this. */
    assert_int_equal(chmod(place->top, 0755), 0);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    struct error err;
    AUTO_FD int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(directory_remove(parent, strrchr(place->top, '/') + 1, &err));
    close(place->workspace.dir);
    close(place->dir);
    arena_free(&place->arena);
    free(place);
    return 0;
}

/* Lays out a build with the change; go does ACT when it is to build the linker. */
static bool open_box(struct place *place, const char *act, enum sandbox_kind kind,
                     struct build_box **ret, struct error *err)
{
    struct recipe *recipe = ARENA_NEW(&place->arena, struct recipe);
    *recipe = recipe_empty();
    recipe->source_kind = SOURCE_DIRECTORY;
    recipe->module = recipe->main_package = "example.org/m";
    recipe->directory = arena_printf(&place->arena, "%s/module", place->top);
    recipe->toolchain = "go1.23.5";
    recipe->toolchain_patch = RECIPE_PATCH_NO_BUILDINFO;
    recipe->goos = "linux";
    recipe->goarch = "amd64";
    recipe->trimpath = true;
    struct fetched_toolchain toolchain = {
        .version = recipe->toolchain,
        .platform = "linux/amd64",
        .module = {.tree = arena_printf(&place->arena, "%s/toolchain", place->top)}};
    const struct build_inputs inputs = {.recipe = recipe, .toolchain = &toolchain};
    const struct build_settings settings = {.kind = kind, .jobs = 1, .limits = {.seconds = 200}};
    write_text(place, "toolchain/act", act);
    return build_box_open(&inputs, &settings, &place->workspace, ret, err);
}

/* What go says in the box when it does ACT. */
static struct bytes say(struct place *place, struct build_box *box, const char *act)
{
    struct build_output output;
    struct error err = {0};
    write_text(place, "toolchain/act", act);
    if (!build_box_run(box, NULL, 0, &place->arena, &output, &err)) {
        fail_msg("%s", err.message);
    }
    struct bytes log = output.run.log;
    build_output_free(&output);
    return log;
}

static void assert_said(struct bytes log, const char *text)
{
    if (bytes_find(log, 0, bytes_from_string(text)) == SIZE_MAX) {
        fail_msg("not said: %s\n%.*s", text, (int)log.len, (const char *)log.data);
    }
}

static void puts_the_new_linker_in_the_old_one_s_place(void **state)
{
    struct place *place = *state;
    struct build_box *box = NULL;
    struct error err = {0};
    write_text(place, LINKER, SOURCE);
    if (!open_box(place, "write /out/artifact", SANDBOX_BUBBLEWRAP, &box, &err)) {
        fail_msg("%s", err.message);
    }
    assert_said(say(place, box, "read /go/pkg/tool/linux_amd64/link"), "content hostile");
    struct bytes tools = say(place, box, "list /go/pkg/tool/linux_amd64");
    assert_said(tools, "entry compile\n");
    assert_said(tools, "entry link\n");
    assert_said(say(place, box, "list /go/pkg"), "entry include\n");
    assert_said(say(place, box, "list /go"), "entry bin\n");
    struct bytes output = say(place, box, "list /out");
    assert_true(bytes_find(output, 0, BYTES("artifact")) == SIZE_MAX);
    /* The toolchain itself stays as it was. */
    AUTO_FD int linker = -1;
    char text[16] = "";
    assert_true(file_open_beneath(place->dir, "toolchain/pkg/tool/linux_amd64/link", O_RDONLY, 0,
                                  &linker, &err));
    assert_true(read(linker, text, sizeof(text) - 1) > 0);
    assert_string_equal(text, "the old one");
    build_box_free(&box);
}

static void shows_go_the_source_without_the_call(void **state)
{
    struct place *place = *state;
    struct build_box *box = NULL;
    struct error err = {0};
    write_text(place, LINKER, SOURCE);
    assert_true(open_box(place, "write /out/artifact", SANDBOX_BUBBLEWRAP, &box, &err));
    /* Lines keep their numbers: they are in the new linker's own tables. */
    assert_said(say(place, box, "read /stub/main.go"), "func Main() {\n\n\tlast()\n}\n");
    assert_said(say(place, box, "read /stub/overlay.json"), "/go/src/cmd/link/internal/ld/main.go");
    assert_said(say(place, box, "read /go/src/cmd/link/internal/ld/main.go"), "ctxt.buildinfo()");
    build_box_free(&box);
}

static void refuses_what_it_does_not_know(void **state)
{
    static const struct {
        const char *source, *act;
        enum sandbox_kind kind;
        const char *part;
    } rows[] = {
        {"package ld\nfunc Main() {\n}\n", "identity", SANDBOX_BUBBLEWRAP, "once"},
        {"package ld\nfunc Main() {" CALL CALL "}\n", "identity", SANDBOX_BUBBLEWRAP, "once"},
        {"package ld\nfunc Main() {\n\t// ctxt.buildinfo()\n}\n", "identity", SANDBOX_BUBBLEWRAP,
         "once"},
        {SOURCE, "identity", SANDBOX_BUBBLEWRAP, "the patched linker"},
        {SOURCE, "symlink /out/artifact", SANDBOX_BUBBLEWRAP, "symbolic link"},
        {SOURCE, "crash", SANDBOX_BUBBLEWRAP, "building the patched linker"},
        {SOURCE, "write /out/artifact", SANDBOX_NONE, "sandbox alone"},
    };
    struct place *place = *state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct build_box *box = NULL;
        struct error err = {0};
        write_text(place, LINKER, rows[i].source);
        assert_fails(open_box(place, rows[i].act, rows[i].kind, &box, &err), &err,
                     ERROR_UNSUPPORTED, rows[i].part);
        assert_null(box);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    CASE(puts_the_new_linker_in_the_old_one_s_place),
    CASE(shows_go_the_source_without_the_call),
    CASE(refuses_what_it_does_not_know),
};

UNIT_MAIN(tests)
