// SPDX-License-Identifier: Apache-2.0
/* Flags of go build: as recorded where they are recorded, read off the bytes where not. */
#include "base/scanner.h"
#include "verifier/recipe/derive.h"

#define RECORDED "recorded in the file's build information"

static bool refuse_error(struct derivation *d, const char *what, const struct error *err)
{
    return derive_refuse(d, err->code == ERROR_LIMIT ? "limit" : "unsupported", "", "%s: %s", what,
                         err->message);
}

static bool derive_paths(struct derivation *d)
{
    const struct traits *traits = &d->file->traits;
    if (d->recipe.source_kind == SOURCE_TOOLCHAIN_MODULE) {
        return derive_refuse(d, "unsupported", "",
                             "%s was built without -trimpath, unlike the programs of any release",
                             d->recipe.main_package);
    }
    if (!traits->path_known || traits->goroot[0] == '\0') {
        return derive_refuse(d, "recipe-unknown", "",
                             "built without -trimpath, and its paths cannot be read off the file");
    }
    if (traits->source_root[0] == '\0' && d->recipe.source_kind != SOURCE_MODULE_DEPENDENCY) {
        return derive_refuse(d, "recipe-unknown", "",
                             "built without -trimpath, and the directory of its sources cannot be "
                             "read off the file");
    }
    d->recipe.goroot = traits->goroot;
    d->recipe.gopath = traits->gopath;
    d->recipe.source_root = traits->source_root;
    recipe_infer(&d->notes, d->arena, "source_root", traits->source_root,
                 "read off the function table: file names are not trimmed");
    return true;
}

static bool derive_trimpath(struct derivation *d)
{
    const struct traits *traits = &d->file->traits;
    if (d->go.minor >= 19) {
        d->recipe.trimpath = strcmp(derive_setting(d, "-trimpath"), "true") == 0;
    } else {
        d->recipe.trimpath = !traits->path_known || traits->trimpath;
    }
    const char *evidence = d->go.minor >= 19    ? RECORDED
                           : traits->path_known ? "read off the function table's file names"
                                                : "the function table could not be read: a guess";
    recipe_infer(&d->notes, d->arena, "trimpath", d->recipe.trimpath ? "true" : "false", "%s",
                 evidence);
    return d->recipe.trimpath || derive_paths(d);
}

/* -buildmode is recorded since 1.20; before, a position independent ELF file had been asked for. */
static void derive_build_mode(struct derivation *d)
{
    const char *recorded = derive_setting(d, "-buildmode");
    if (strcmp(recorded, "exe") != 0) {
        d->recipe.buildmode = recorded;
    }
    bool linux = strcmp(d->recipe.goos, "linux") == 0 || strcmp(d->recipe.goos, "freebsd") == 0;
    if (recorded[0] == '\0' && d->go.minor < 20 && linux && d->file->traits.pie) {
        d->recipe.buildmode = "pie";
        recipe_infer(&d->notes, d->arena, "buildmode", "pie",
                     "read off the file's headers: position independent");
    }
}

static bool derive_tags(struct derivation *d)
{
    const char *hint = d->hints == NULL ? "" : derive_hint(d->hints->tags);
    d->recipe.tags = hint[0] != '\0' ? hint : derive_setting(d, "-tags");
    if (d->recipe.tags[0] != '\0') {
        recipe_infer(&d->notes, d->arena, "tags", d->recipe.tags, "%s",
                     hint[0] != '\0' ? "given by --tags" : RECORDED);
    }
    return true;
}

static bool derive_tool_flags(struct derivation *d)
{
    d->recipe.gcflags = derive_setting(d, "-gcflags");
    d->recipe.asmflags = derive_setting(d, "-asmflags");
    if (d->recipe.gcflags[0] != '\0') {
        recipe_infer(&d->notes, d->arena, "gcflags", d->recipe.gcflags, RECORDED);
    }
    return true;
}

static bool take_text(struct derivation *d, const char *text, const char *what)
{
    struct error err = {0};
    const char *pattern;
    if (!flags_split_pattern(bytes_from_string(text), d->arena, &pattern, &d->recipe.ldflags,
                             &d->recipe.ldflag_count, &err) ||
        !flags_check_linker(d->recipe.ldflags, d->recipe.ldflag_count, &err)) {
        return refuse_error(d, what, &err);
    }
    return true;
}

/* Where the symbol table names what -X set, each order of the flags gets that behind it. */
static void take_values(struct derivation *d, struct flags_orders *orders)
{
    const struct inspection *file = d->file;
    for (size_t i = 0; i < orders->count; i++) {
        const char **flags =
            ARENA_ARRAY(d->arena, orders->counts[i] + 2 * file->value_count, const char *);
        memcpy(flags, orders->orders[i], orders->counts[i] * sizeof(*flags));
        orders->orders[i] = flags;
        for (size_t k = 0; k < file->value_count; k++) {
            const struct planted_value *value = &file->values[k];
            if (value->name[0] != '\0') {
                flags[orders->counts[i]++] = "-X";
                flags[orders->counts[i]++] =
                    arena_printf(d->arena, "%s=%s", value->name, value->text);
            }
        }
    }
    for (size_t k = 0; k < file->value_count; k++) {
        const struct planted_value *value = &file->values[k];
        if (value->name[0] != '\0') {
            recipe_infer(&d->notes, d->arena, "-X",
                         arena_printf(d->arena, "%s=%s", value->name, value->text),
                         "read off the file: symbol %s.str, string header at offset %llu",
                         value->name, (unsigned long long)value->offset);
        }
    }
}

static void take_orders(struct derivation *d)
{
    struct flags_orders orders;
    flags_orders_from_traits(d->file, &d->go, d->arena, &orders);
    take_values(d, &orders);
    for (size_t i = 0; i < orders.count; i++) {
        d->recipe.ldflags_orders[i] = orders.orders[i];
        d->recipe.ldflags_order_counts[i] = orders.counts[i];
    }
    d->recipe.order_count = orders.count;
    d->recipe.ldflags = orders.orders[0];
    d->recipe.ldflag_count = orders.counts[0];
    const char *flags = orders.counts[0] == 0 ? "none" : orders.orders[0][0];
    for (size_t i = 1; i < orders.counts[0] && strcmp(orders.orders[0][i], "-X") != 0; i++) {
        flags = arena_printf(d->arena, "%s %s", flags, orders.orders[0][i]);
    }
    recipe_infer(&d->notes, d->arena, "ldflags", flags, "%s%s", orders.evidence,
                 orders.count > 1 ? "; their order is searched for" : "");
    if (strncmp(orders.note, "0x", 2) == 0) {
        recipe_infer(&d->notes, d->arena, "-B", orders.note,
                     "read off the file: .note.gnu.build-id, value at offset %llu, which does not "
                     "follow from the Go build ID",
                     (unsigned long long)d->file->traits.gnu_build_id_offset);
        recipe_assume(&d->notes, d->arena, "link-flags-searched",
                      "-B %s is the file's own note .note.gnu.build-id (offset %llu)", orders.note,
                      (unsigned long long)d->file->traits.gnu_build_id_offset);
    }
}

static bool derive_ldflags(struct derivation *d)
{
    const char *hint = d->hints == NULL ? "" : derive_hint(d->hints->ldflags);
    const char *recorded = derive_setting(d, "-ldflags");
    bool is_recorded = d->go.minor >= 18 && (d->go.minor == 18 || !d->recipe.trimpath);
    if (hint[0] != '\0') {
        recipe_infer(&d->notes, d->arena, "ldflags", hint, "given by --ldflags");
        d->recipe.ldflags_text = is_recorded ? hint : "";
        return take_text(d, hint, "--ldflags");
    }
    if (!is_recorded) {
        take_orders(d);
        return true;
    }
    d->recipe.ldflags_text = recorded;
    recipe_infer(&d->notes, d->arena, "ldflags", recorded, RECORDED);
    return take_text(d, recorded, "the recorded -ldflags");
}

/* Since 1.21 default.pgo is used when it lies beside the main package; the setting says if it was.
 */
static bool derive_profile(struct derivation *d)
{
    const char *recorded = derive_setting(d, "-pgo");
    struct bytes directory, name = bytes_from_string(recorded);
    if (recorded[0] == '\0') {
        d->recipe.pgo = d->go.minor >= 21 ? "off" : "";
        return true;
    }
    if (!scan_cut_last(bytes_from_string(recorded), '/', &directory, &name)) {
        name = bytes_from_string(recorded);
    }
    if (!bytes_equal_string(name, "default.pgo")) {
        return derive_refuse(d, "recipe-unknown", "",
                             "built with the profile %.200s, which is not part of the sources",
                             recorded);
    }
    d->recipe.pgo = "auto";
    recipe_infer(&d->notes, d->arena, "pgo", "auto", RECORDED);
    return true;
}

static bool is_known_setting(const struct derivation *d, const char *key)
{
    static const char *const known[] = {
        "-asan",        "-asmflags",      "-buildmode",   "-compiler",
        "-cover",       "-gccgoflags",    "-gcflags",     "-ldflags",
        "-msan",        "-pgo",           "-race",        "-tags",
        "-trimpath",    "DefaultGODEBUG", "CGO_ENABLED",  "CGO_CFLAGS",
        "CGO_CPPFLAGS", "CGO_CXXFLAGS",   "CGO_LDFLAGS",  "GOARCH",
        "GOEXPERIMENT", "GOFIPS140",      "GOOS",         "vcs",
        "vcs.revision", "vcs.time",       "vcs.modified",
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (strcmp(key, known[i]) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < d->recipe.environment_count; i++) {
        if (strcmp(key, d->recipe.environment[i].name) == 0) {
            return true;
        }
    }
    return false;
}

static void note_unknown_settings(struct derivation *d)
{
    const struct buildinfo *info = &d->file->info;
    for (size_t i = 0; i < info->setting_count; i++) {
        if (!is_known_setting(d, info->settings[i].key)) {
            recipe_infer(&d->notes, d->arena, "setting",
                         arena_printf(d->arena, "%.100s=%.200s", info->settings[i].key,
                                      info->settings[i].value),
                         "not known to reproof, so not passed on");
        }
    }
}

bool derive_flags(struct derivation *d)
{
    if (!derive_trimpath(d) || !derive_tags(d) || !derive_tool_flags(d) || !derive_ldflags(d) ||
        !derive_profile(d)) {
        return false;
    }
    derive_build_mode(d);
    note_unknown_settings(d);
    return true;
}
