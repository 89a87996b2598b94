// SPDX-License-Identifier: Apache-2.0
#include "base/json_read.h"
#include "verifier/sandbox/build_internal.h"

static bool is_member(const struct cJSON *entry, const char *key, const char *value)
{
    const char *text = json_member_string(entry, key);
    return text != NULL && strcmp(text, value) == 0;
}

static bool is_listed(struct json_document *document, const struct recipe *recipe)
{
    const struct cJSON *entry = json_first(json_root(document));
    for (; entry != NULL; entry = json_next(entry)) {
        if (is_member(entry, "GOOS", recipe->goos) && is_member(entry, "GOARCH", recipe->goarch)) {
            return true;
        }
    }
    return false;
}

bool build_box_knows_platform(struct build_box *box, struct arena *arena, bool *ret,
                              struct error *err)
{
    const char *const argv[] = {arena_printf(arena, "%s/bin/go", box->layout.goroot),
                                "tool",
                                "dist",
                                "list",
                                "-json",
                                NULL};
    struct sandbox_result run;
    struct json_document *document = NULL;
    if (!build_box_execute(box, argv, arena, &run, err)) {
        return false;
    }
    if (run.status != 0 || run.limit_hit[0] != '\0') {
        const char *failure;
        const char *detail;
        build_explain_failure(&run, &box->settings.limits, arena, &failure, &detail);
        return error_set(err, ERROR_TOOL, "the toolchain does not list its platforms: %s", detail);
    }
    if (!json_parse(run.log, &document, err)) {
        return error_prefix(err, "the toolchain's list of platforms");
    }
    *ret = is_listed(document, box->recipe);
    json_document_free(&document);
    return true;
}
