// SPDX-License-Identifier: Apache-2.0
#include "verifier/sandbox/build.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/recipe/gomod.h"
#include "verifier/recipe/goversion.h"
#include "verifier/sandbox/box.h"
#include "verifier/sandbox/build_internal.h"

/* A build runs at most this many programs for each job, and each has a thread for each job and a
 * few more. */
#define THREADS_BESIDE 8

void build_add_mount(struct build_box *box, const char *host, const char *place, bool writable)
{
    arena_grow(&box->arena, &box->mounts, box->mount_count, &box->mount_capacity,
               sizeof(*box->mounts));
    box->mounts[box->mount_count++] = (struct sandbox_mount){
        .host = host,
        .box = place,
        .writable = writable,
        .tmpfs_bytes = host == NULL && writable ? LIMIT_BUILD_TEMPORARY : 0,
    };
}

bool build_write_file(int dir, const char *path, struct bytes content, mode_t mode,
                      struct error *err)
{
    AUTO_FD int file = -1;
    const char *slash = strrchr(path, '/');
    char above[LIMIT_PATH];
    if (slash != NULL) {
        size_t len = (size_t)(slash - path);
        if (len >= sizeof(above)) {
            return error_set(err, ERROR_LIMIT, "path too long: %s", path);
        }
        memcpy(above, path, len);
        above[len] = '\0';
        if (!directory_make(dir, above, 0755, NULL, err)) {
            return false;
        }
    }
    if (!file_open_beneath(dir, path, O_WRONLY | O_CREAT | O_EXCL, mode, &file, err) ||
        !file_write_all(file, content, err)) {
        return false;
    }
    return fchmod(file, mode) == 0 || error_errno(err, "cannot set the mode of %s", path);
}

bool build_add_file(struct build_box *box, const char *place, struct bytes content, bool executable,
                    struct error *err)
{
    if (!build_is_boxed(box)) {
        const char *beneath = place + strlen(box->path) + 1;
        return build_write_file(box->dir, beneath, content, executable ? 0755 : 0644, err);
    }
    arena_grow(&box->arena, &box->files, box->file_count, &box->file_capacity, sizeof(*box->files));
    box->files[box->file_count++] =
        (struct sandbox_file){.box = place, .content = content, .executable = executable};
    return true;
}

/* A directory of the box's own, writable for the build. */
static bool add_writable(struct build_box *box, const char *name, const char *place, int *ret,
                         struct error *err)
{
    AUTO_FD int dir = -1;
    if (!directory_make(box->dir, name, 0755, &dir, err) ||
        (build_is_boxed(box) && !sandbox_give(dir, err))) {
        return false;
    }
    if (build_is_boxed(box)) {
        build_add_mount(box, arena_printf(&box->arena, "%s/%s", box->path, name), place, true);
    }
    if (ret != NULL) {
        *ret = fd_steal(&dir);
    }
    return true;
}

static bool make_own_files(struct build_box *box, const struct build_inputs *inputs,
                           struct gomod_file **ret, size_t *ret_count, struct error *err)
{
    struct bytes go_mod;
    bool dependency = box->recipe->source_kind == SOURCE_MODULE_DEPENDENCY;
    if (box->recipe->workspace) {
        *ret = box->work_files;
        *ret_count = box->work_file_count;
        return true;
    }
    return build_real_go_mod(inputs, &box->arena, &go_mod, err) &&
           gomod_own_files(box->recipe, box->layout.own, go_mod, dependency ? inputs->main : NULL,
                           inputs->deps, inputs->dep_count, &box->arena, ret, ret_count, err);
}

static bool lay_own_files(struct build_box *box, const struct build_inputs *inputs,
                          struct error *err)
{
    struct gomod_file *files;
    size_t count;
    AUTO_FD int own = -1;
    if (!make_own_files(box, inputs, &files, &count, err) ||
        !directory_make(box->dir, BUILD_OWN, 0755, &own, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!build_write_file(own, files[i].path, files[i].content, 0644, err)) {
            return false;
        }
    }
    if (build_is_boxed(box)) {
        build_add_mount(box, arena_printf(&box->arena, "%s/" BUILD_OWN, box->path), box->layout.own,
                        false);
    }
    return true;
}

/* Up to Go 1.20 the program that lists the platforms asks uname for the machine. */
static bool lay_uname(struct build_box *box, struct error *err)
{
    struct go_version go;
    if (!go_version_parse(bytes_from_string(box->recipe->toolchain), &go) || go.minor > 20) {
        return true;
    }
    return build_add_file(box, arena_printf(&box->arena, "%s/uname", box->layout.stub),
                          box_launcher(), true, err);
}

/* The stub git with its answers; and Go's usage counters turned off, which would start a process
 * that looks for itself in /proc. */
static bool lay_helpers(struct build_box *box, struct error *err)
{
    struct bytes answers;
    if (!build_stub_answers(box->recipe, &box->layout, &box->arena, &answers, err)) {
        return false;
    }
    struct arena *arena = &box->arena;
    const char *stub = box->layout.stub;
    const char *home = box->layout.home;
    return build_add_file(box, arena_printf(arena, "%s/git", stub), build_stub_git(), true, err) &&
           build_add_file(box, arena_printf(arena, "%s/answers", stub), answers, false, err) &&
           build_add_file(box, arena_printf(arena, "%s/.config/go/telemetry/mode", home),
                          bytes_from_string("off"), false, err);
}

/* The recipe's environment, and how many cores to use, which changes no byte. */
static bool make_environment(struct build_box *box, struct error *err)
{
    const char *const *given;
    if (!build_command_environment(box->recipe, &box->layout, &box->arena, &given, err)) {
        return false;
    }
    size_t count = 0;
    while (given[count] != NULL) {
        count++;
    }
    const char **environment = ARENA_ARRAY(&box->arena, count + 3, const char *);
    memcpy(environment, given, count * sizeof(*given));
    environment[count++] = arena_printf(&box->arena, "GOMAXPROCS=%u", box->settings.jobs);
    if (box->settings.hash_log) {
        environment[count] = "GODEBUG=gocachehash=1";
    }
    box->environment = environment;
    return true;
}

static bool lay_program(struct build_box *box, const struct build_inputs *inputs, struct error *err)
{
    if (box->settings.standard) {
        box->layout.directory = box->layout.home;
        return true;
    }
    return build_lay_source(box, inputs, err) && build_lay_modules(box, inputs, err) &&
           lay_own_files(box, inputs, err);
}

static bool lay_out(struct build_box *box, const struct build_inputs *inputs, struct error *err)
{
    const char *toolchain = inputs->toolchain->module.tree;
    if (build_is_boxed(box)) {
        build_add_mount(box, NULL, box->layout.home, true);
        /* A root file system has a C library of its own. */
        bool has_root = box->recipe->rootfs[0] != '\0';
        if (!build_add_toolchain(box, toolchain, err) ||
            !(has_root ? build_add_rootfs(box, err) : build_add_libraries(box, toolchain, err))) {
            return false;
        }
    }
    return lay_helpers(box, err) && lay_uname(box, err) && lay_program(box, inputs, err) &&
           add_writable(box, BUILD_CACHE, box->layout.cache, NULL, err) &&
           add_writable(box, BUILD_OUTPUT, box->layout.output, &box->out, err) &&
           make_environment(box, err) && build_patch_toolchain(box, inputs, err);
}

static bool make_layout(struct build_box *box, const struct build_inputs *inputs, struct error *err)
{
    if (build_is_boxed(box)) {
        return build_layout_of(inputs->recipe, &box->arena, &box->layout, err);
    }
    return build_layout_unboxed(inputs->recipe, box->path, inputs->toolchain->module.tree,
                                &box->arena, &box->layout, err);
}

/* Without a box the paths must be the real ones: Go asks the kernel where it is. */
static bool find_path(struct build_box *box, struct error *err)
{
    char *real = realpath(box->workspace->path, NULL);
    if (real == NULL) {
        return error_errno(err, "cannot find the workspace");
    }
    box->path = arena_printf(&box->arena, "%s/%s", real, box->name);
    free(real);
    return true;
}

static void set_defaults(struct build_settings *settings)
{
    if (settings->jobs == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        settings->jobs = cores < 1 ? 1 : (unsigned)cores;
    }
    unsigned threads = (settings->jobs + 1) * (settings->jobs + THREADS_BESIDE);
    if (settings->limits.processes == 0 && threads > LIMIT_BUILD_PROCESSES) {
        settings->limits.processes = threads;
    }
}

bool build_box_open(const struct build_inputs *inputs, const struct build_settings *settings,
                    struct workspace *workspace, struct build_box **ret, struct error *err)
{
    struct build_box *box = calloc(1, sizeof(*box));
    if (box == NULL) {
        bug("out of memory");
    }
    *box = (struct build_box){.recipe = inputs->recipe,
                              .settings = *settings,
                              .workspace = workspace,
                              .dir = -1,
                              .out = -1};
    set_defaults(&box->settings);
    if (!directory_make_fresh(workspace->dir, "box-", 0700, &box->arena, &box->name, &box->dir,
                              err) ||
        !find_path(box, err) || !make_layout(box, inputs, err) || !lay_out(box, inputs, err)) {
        build_box_free(&box);
        return error_prefix(err, "laying out the build");
    }
    *ret = box;
    return true;
}

void build_box_free(struct build_box **box)
{
    if (*box == NULL) {
        return;
    }
    fd_close(&(*box)->out);
    fd_close(&(*box)->dir);
    struct error ignored; /* what is left goes with the workspace */
    if ((*box)->name != NULL && !directory_remove((*box)->workspace->dir, (*box)->name, &ignored)) {
        (*box)->name = NULL;
    }
    arena_free(&(*box)->arena);
    free(*box);
    *box = NULL;
}

bool build_box_execute(struct build_box *box, const char *const *argv, struct arena *arena,
                       struct sandbox_result *ret, struct error *err)
{
    const struct sandbox_mount disk[] = {
        {.host = arena_printf(arena, "%s/" BUILD_CACHE, box->path), .writable = true},
        {.host = arena_printf(arena, "%s/" BUILD_OUTPUT, box->path), .writable = true},
        {.host = box->layout.home, .writable = true},
    };
    bool boxed = build_is_boxed(box);
    const struct sandbox_job job = {
        .kind = box->settings.kind,
        .mounts = boxed ? box->mounts : disk,
        .mount_count = boxed ? box->mount_count : ARRAY_LEN(disk),
        .files = box->files,
        .file_count = box->file_count,
        .environment = box->environment,
        .argv = argv,
        .directory = box->layout.directory,
        .limits = box->settings.limits,
        .progress = box->settings.progress,
        .progress_context = box->settings.progress_context,
    };
    return sandbox_run(&job, arena, ret, err);
}

/* Parts what go tells of hashes from what it says otherwise. */
static void part_log(struct build_output *output, struct arena *arena)
{
    struct bytes line;
    struct scanner scanner = scanner_over(output->run.log);
    uint8_t *said = arena_alloc(arena, output->run.log.len + 1);
    size_t len = 0;
    while (scanner_line(&scanner, output->run.log.len, &line)) {
        if (!bytes_start_with(line, "HASH")) {
            /* The line's own newline follows it, or the end of the log, where there is room too. */
            memcpy(said + len, line.data, line.len);
            len += line.len;
            said[len++] = '\n';
        }
    }
    output->hashes = output->run.log;
    output->run.log = bytes_from(said, len);
}

bool build_box_run(struct build_box *box, const char *const *ldflags, size_t ldflag_count,
                   struct arena *arena, struct build_output *ret, struct error *err)
{
    const char *const *argv;
    struct build_output output = {.fd = -1, .failure = "", .detail = ""};
    if (!directory_remove(box->out, BUILD_ARTIFACT, err) ||
        !build_command_argv(box->recipe, &box->layout, ldflags, ldflag_count, arena, &argv, err) ||
        !build_box_execute(box, argv, arena, &output.run, err)) {
        return false;
    }
    if (box->settings.hash_log) {
        part_log(&output, arena);
    }
    if (output.run.status != 0 || output.run.limit_hit[0] != '\0') {
        build_explain_failure(&output.run, &box->settings.limits, arena, &output.failure,
                              &output.detail);
    } else if (!build_take_output(box->out, &output.fd, &output.detail, arena)) {
        output.failure = "build-failed";
    }
    *ret = output;
    return true;
}

void build_output_free(struct build_output *output)
{
    fd_close(&output->fd);
    *output = (struct build_output){.fd = -1};
}
