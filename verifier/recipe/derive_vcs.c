// SPDX-License-Identifier: Apache-2.0
/* The version control stamp: what git must have answered for these lines to come out.
 *
 * Rules read in cmd/go/internal/load (setBuildInfo) and modfetch (coderepo, codehost/git) of
 * Go 1.18 to 1.27: up to 1.23 a local main module is always (devel); since 1.24 its version is made
 * from the tag on the commit, or from the highest tag below it. */
#include "base/scanner.h"
#include "verifier/fetch/semver.h"
#include "verifier/recipe/derive.h"
#include "verifier/recipe/timestamp.h"

static bool is_revision(const char *text)
{
    size_t len = strlen(text);
    return (len == 40 || len == 64) && strspn(text, "0123456789abcdef") == len;
}

static bool refuse_contradiction(struct derivation *d, const char *what)
{
    return derive_refuse(d, "recipe-unknown", "",
                         "the mod line says %.100s, %s: no go command writes both",
                         d->file->info.main.version, what);
}

static bool read_settings(struct derivation *d)
{
    struct vcs_stamp *vcs = &d->recipe.vcs;
    const char *system = derive_setting(d, "vcs");
    const char *modified = derive_setting(d, "vcs.modified");
    vcs->revision = derive_setting(d, "vcs.revision");
    vcs->time = derive_setting(d, "vcs.time");
    if (strcmp(system, "git") != 0) {
        return derive_refuse(d, "unsupported", "", "stamped by %.60s: git alone is known", system);
    }
    if (!is_revision(vcs->revision)) {
        return derive_refuse(d, "unsupported", "", "vcs.revision is %.100s", vcs->revision);
    }
    if (!timestamp_parse(bytes_from_string(vcs->time), &vcs->unix_time)) {
        return derive_refuse(d, "unsupported", "", "vcs.time is %.100s", vcs->time);
    }
    vcs->modified = strcmp(modified, "true") == 0;
    if (!vcs->modified && strcmp(modified, "false") != 0) {
        return derive_refuse(d, "unsupported", "", "vcs.modified is %.100s", modified);
    }
    vcs->present = true;
    return true;
}

static bool ends_with(struct bytes *text, const char *suffix)
{
    size_t len = strlen(suffix);
    if (text->len < len || memcmp(text->data + text->len - len, suffix, len) != 0) {
        return false;
    }
    text->len -= len;
    return true;
}

/* A pseudo-version repeats time and revision of the stamp. */
static bool check_pseudo(struct derivation *d, const struct pseudo_version *pseudo)
{
    char compact[15];
    timestamp_compact(d->recipe.vcs.unix_time, compact);
    if (strcmp(pseudo->time, compact) != 0 || strlen(pseudo->revision) != 12 ||
        strncmp(pseudo->revision, d->recipe.vcs.revision, 12) != 0) {
        return refuse_contradiction(d, "but another revision or time is stamped");
    }
    return true;
}

/* Go 1.24 and later: which tags lead to the main version. */
static bool derive_tags(struct derivation *d)
{
    struct vcs_stamp *vcs = &d->recipe.vcs;
    struct bytes version = bytes_from_string(d->file->info.main.version);
    if (bytes_equal_string(version, "(devel)")) {
        vcs->devel = true;
        return true;
    }
    bool dirty = ends_with(&version, "+incompatible.dirty");
    vcs->no_go_mod = dirty;
    if (!dirty) {
        dirty = ends_with(&version, "+dirty");
        vcs->no_go_mod = !dirty && ends_with(&version, "+incompatible");
    }
    if (dirty != vcs->modified) {
        return refuse_contradiction(d, vcs->modified ? "but vcs.modified=true"
                                                     : "but vcs.modified=false");
    }
    struct pseudo_version pseudo;
    const char *clean = arena_text(d->arena, version);
    if (!pseudo_version_parse(clean, d->arena, &pseudo)) {
        vcs->tag = clean;
        return true;
    }
    vcs->base = pseudo.base;
    /* With the module's own go.mod at the root, go would have seen that they do not fit. */
    vcs->no_go_mod = vcs->no_go_mod || !recipe_version_fits(d->recipe.module, clean);
    return check_pseudo(d, &pseudo);
}

static void note(struct derivation *d)
{
    const struct vcs_stamp *vcs = &d->recipe.vcs;
    recipe_infer(&d->notes, d->arena, "vcs.revision", vcs->revision,
                 "recorded in the file's build information");
    if (vcs->tag[0] != '\0') {
        recipe_infer(
            &d->notes, d->arena, "vcs.tag", vcs->tag,
            "the version on the mod line: Go 1.24 and later take it from the commit's tag");
    } else if (vcs->base[0] != '\0') {
        recipe_infer(&d->notes, d->arena, "vcs.base", vcs->base,
                     "the pseudo-version on the mod line builds on that tag");
    }
}

bool derive_vcs(struct derivation *d)
{
    const struct module *main = &d->file->info.main;
    bool stamped =
        derive_setting(d, "vcs")[0] != '\0' || derive_setting(d, "vcs.revision")[0] != '\0';
    bool devel = strcmp(main->version, "(devel)") == 0 || main->version[0] == '\0';
    if (d->recipe.source_kind == SOURCE_TOOLCHAIN_MODULE ||
        d->recipe.source_kind == SOURCE_MODULE_DEPENDENCY) {
        return !stamped ||
               refuse_contradiction(d, "with an h1 sum or none at all, and a vcs stamp");
    }
    if (!stamped && !devel) {
        return refuse_contradiction(d, "without an h1 sum and without a vcs stamp");
    }
    if (!stamped) {
        return true;
    }
    if (!read_settings(d)) {
        return false;
    }
    if (d->go.minor < 24 && !devel) {
        return refuse_contradiction(d, "but before Go 1.24 a working copy has no version");
    }
    if (d->go.minor >= 24 && !derive_tags(d)) {
        return false;
    }
    note(d);
    return true;
}
