// SPDX-License-Identifier: Apache-2.0
/* A toolchain with a named change: its linker, built from its own changed source by itself.
 *
 * Nothing is ever mounted below a foreign tree. So the changed source is shown to go by -overlay,
 * and for the new linker the toolchain is mounted again, entry by entry around it. */
#include "base/file.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "verifier/sandbox/build_internal.h"

#define LINKER_SOURCE "src/cmd/link/internal/ld/main.go"
#define BUILD_INFORMATION_CALL "\n\tctxt.buildinfo()\n"
#define SOURCE_MAXIMUM (1 * MIB)
/* cmd/link has 8 MB. */
#define LINKER_MAXIMUM (256 * MIB)

/* The source without the call, its line left empty. */
static bool take_call_out(struct bytes source, struct arena *arena, struct bytes *ret)
{
    struct bytes call = bytes_from_string(BUILD_INFORMATION_CALL);
    size_t at = bytes_find(source, 0, call);
    if (at == SIZE_MAX || bytes_find(source, at + 1, call) != SIZE_MAX) {
        return false;
    }
    uint8_t *changed = arena_alloc(arena, source.len);
    size_t before = at + 1, skipped = call.len - 2;
    memcpy(changed, source.data, before);
    memcpy(changed + before, source.data + before + skipped, source.len - before - skipped);
    *ret = bytes_from(changed, source.len - skipped);
    return true;
}

/* The changed source and the file for -overlay that puts it in its place. */
static bool lay_source(struct build_box *box, const char *toolchain, const char **ret_overlay,
                       struct error *err)
{
    AUTO_FD int dir = -1;
    struct bytes source, changed;
    const char *place = arena_printf(&box->arena, "%s/main.go", box->layout.stub);
    *ret_overlay = arena_printf(&box->arena, "%s/overlay.json", box->layout.stub);
    if (!directory_open(toolchain, &dir, err) ||
        !file_read(dir, LINKER_SOURCE, SOURCE_MAXIMUM, &box->arena, &source, err)) {
        return false;
    }
    if (!take_call_out(source, &box->arena, &changed)) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "this toolchain's linker does not call ctxt.buildinfo() once");
    }
    AUTO(buffer) struct buffer overlay;
    struct json_writer json;
    buffer_init(&overlay, SOURCE_MAXIMUM);
    json_writer_init(&json, &overlay, false);
    json_object(&json, NULL);
    json_object(&json, "Replace");
    json_string(&json, arena_printf(&box->arena, "%s/" LINKER_SOURCE, box->layout.goroot), place);
    json_object_end(&json);
    json_object_end(&json);
    return build_add_file(box, place, changed, false, err) &&
           build_add_file(box, *ret_overlay, arena_bytes(&box->arena, buffer_view(&overlay)), false,
                          err);
}

/* The linker runs here, whatever it is to link for: nothing of the recipe's platform. */
static const char *const *host_environment(struct build_box *box, const char *goarch)
{
    static const char *const kept[] = {
        "PATH=",        "HOME=",        "TMPDIR=",  "GOROOT=",  "GOPATH=",
        "GOMODCACHE=",  "GOCACHE=",     "GOENV=",   "GOFLAGS=", "GOWORK=",
        "GO111MODULE=", "GOTOOLCHAIN=", "GOPROXY=", "GOSUMDB=", "GOMAXPROCS="};
    const char **environment = ARENA_ARRAY(&box->arena, ARRAY_LEN(kept) + 4, const char *);
    size_t count = 0;
    for (size_t i = 0; box->environment[i] != NULL; i++) {
        for (size_t k = 0; k < ARRAY_LEN(kept); k++) {
            if (strncmp(box->environment[i], kept[k], strlen(kept[k])) == 0) {
                environment[count++] = box->environment[i];
            }
        }
    }
    environment[count++] = "GOOS=linux";
    environment[count++] = arena_printf(&box->arena, "GOARCH=%s", goarch);
    environment[count++] = "CGO_ENABLED=0";
    return environment;
}

static bool run_build(struct build_box *box, const char *goarch, const char *overlay,
                      struct sandbox_result *ret, struct error *err)
{
    struct build_box host = *box;
    const char *const argv[] = {arena_printf(&box->arena, "%s/bin/go", box->layout.goroot),
                                "build",
                                "-trimpath",
                                "-buildvcs=false",
                                "-overlay",
                                overlay,
                                "-o",
                                box->layout.artifact,
                                "--",
                                "cmd/link",
                                NULL};
    host.environment = host_environment(box, goarch);
    host.layout.directory = arena_printf(&box->arena, "%s/src", box->layout.goroot);
    return build_box_execute(&host, argv, &box->arena, ret, err);
}

static bool take_linker(struct build_box *box, struct bytes *ret, struct error *err)
{
    AUTO_FD int fd = -1;
    const char *detail = "";
    struct source source;
    if (!build_take_output(box->out, &fd, &detail, &box->arena)) {
        return error_set(err, ERROR_UNSUPPORTED, "the patched linker: %s", detail);
    }
    return source_from_fd(fd, &source, err) &&
           source_load(&source, 0, source.size, LINKER_MAXIMUM, &box->arena, ret, err) &&
           directory_remove(box->out, BUILD_ARTIFACT, err);
}

/* What is in HOST, but for the entry NAME, at the same names in PLACE. */
static bool mount_but(struct build_box *box, const char *host, const char *place, const char *name,
                      struct error *err)
{
    AUTO_FD int dir = -1;
    char **names;
    size_t count;
    if (!directory_open(host, &dir, err) ||
        !directory_list(dir, &box->arena, &names, &count, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) != 0) {
            build_add_mount(box, arena_printf(&box->arena, "%s/%s", host, names[i]),
                            arena_printf(&box->arena, "%s/%s", place, names[i]), false);
        }
    }
    return true;
}

/* Replaces the toolchain's one mount by those of its entries, without its linker. */
static bool mount_around_linker(struct build_box *box, const char *host, const char *goarch,
                                const char **ret_linker, struct error *err)
{
    const char *const chain[] = {"pkg", "tool", arena_printf(&box->arena, "linux_%s", goarch),
                                 "link"};
    const char *place = box->layout.goroot;
    for (size_t i = 0; i < box->mount_count; i++) {
        if (strcmp(box->mounts[i].box, place) == 0) {
            box->mounts[i] = (struct sandbox_mount){.box = place};
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(chain); i++) {
        if (!mount_but(box, host, place, chain[i], err)) {
            return false;
        }
        host = arena_printf(&box->arena, "%s/%s", host, chain[i]);
        place = arena_printf(&box->arena, "%s/%s", place, chain[i]);
        if (i + 1 < ARRAY_LEN(chain)) {
            build_add_mount(box, NULL, place, false);
        }
    }
    *ret_linker = place;
    return true;
}

bool build_patch_toolchain(struct build_box *box, const struct build_inputs *inputs,
                           struct error *err)
{
    struct sandbox_result run;
    struct bytes linker;
    const char *overlay, *place;
    const char *toolchain = inputs->toolchain->module.tree;
    if (box->recipe->toolchain_patch[0] == '\0') {
        return true;
    }
    const char *goarch = strchr(inputs->toolchain->platform, '/') + 1;
    if (!build_is_boxed(box)) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "a patched toolchain is built and used in the sandbox alone");
    }
    if (!lay_source(box, toolchain, &overlay, err) || !run_build(box, goarch, overlay, &run, err)) {
        return false;
    }
    if (run.status != 0 || run.limit_hit[0] != '\0') {
        const char *failure, *detail;
        build_explain_failure(&run, &box->settings.limits, &box->arena, &failure, &detail);
        return error_set(err, ERROR_UNSUPPORTED, "building the patched linker: %s", detail);
    }
    return take_linker(box, &linker, err) &&
           mount_around_linker(box, toolchain, goarch, &place, err) &&
           build_add_file(box, place, linker, true, err);
}
