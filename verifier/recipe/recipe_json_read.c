// SPDX-License-Identifier: Apache-2.0
/* Strict: a member that is not known, or not of its type, is refused, so that nobody's recipe is
 * followed in part. A member that is left out has its default; what a build cannot do without is
 * found by recipe_validate. */
#include "base/json_read.h"
#include "base/limits.h"
#include "verifier/recipe/build_command.h"
#include "verifier/recipe/limits.h"
#include "verifier/recipe/recipe_json.h"
#include "verifier/recipe/timestamp.h"

enum kind { TEXT, BOOLEAN, ANY };

struct member {
    const char *key;
    enum kind kind;
    void *into; /* const char ** for TEXT, bool * for BOOLEAN, const struct cJSON ** for ANY */
};

static bool take_member(const struct cJSON *value, const struct member *member, struct arena *arena)
{
    if (member->kind == TEXT) {
        const char *text = json_get_string(value);
        if (text != NULL) {
            *(const char **)member->into = arena_string(arena, text);
        }
        return text != NULL;
    }
    if (member->kind == BOOLEAN) {
        return json_get_bool(value, member->into);
    }
    *(const struct cJSON **)member->into = value;
    return true;
}

/* Reads the members of OBJECT; NAME is for messages. */
static bool read_object(const struct cJSON *object, const char *name, const struct member *members,
                        size_t count, struct arena *arena, struct error *err)
{
    if (!json_is_object(object)) {
        return error_set(err, ERROR_FORMAT, "recipe: %s is no object", name);
    }
    for (const struct cJSON *value = json_first(object); value != NULL; value = json_next(value)) {
        size_t i = 0;
        while (i < count && strcmp(members[i].key, json_key(value)) != 0) {
            i++;
        }
        if (i == count) {
            return error_set(err, ERROR_FORMAT, "recipe: %s has a member that is not known: %.100s",
                             name, json_key(value));
        }
        if (!take_member(value, &members[i], arena)) {
            return error_set(err, ERROR_FORMAT, "recipe: %s.%s is not of its type", name,
                             members[i].key);
        }
    }
    return true;
}

#define READ(object, name, arena, err, ...)                                                        \
    read_object((object), (name), (const struct member[]){__VA_ARGS__},                            \
                ARRAY_LEN(((const struct member[]){__VA_ARGS__})), (arena), (err))

static bool is_null(const struct cJSON *value)
{
    bool boolean;
    uint64_t number;
    return value == NULL ||
           (!json_is_object(value) && !json_is_array(value) && json_get_string(value) == NULL &&
            !json_get_bool(value, &boolean) && !json_get_uint(value, &number));
}

static size_t count_of(const struct cJSON *value)
{
    size_t count = 0;
    for (const struct cJSON *item = json_first(value); item != NULL; item = json_next(item)) {
        count++;
    }
    return count;
}

static bool read_strings(const struct cJSON *array, const char *name, struct arena *arena,
                         const char ***ret, size_t *ret_count, struct error *err)
{
    size_t count = count_of(array), used = 0;
    if (!json_is_array(array) || count > RECIPE_LIMIT_FLAGS) {
        return error_set(err, ERROR_FORMAT, "recipe: %s is no list of at most %d texts", name,
                         RECIPE_LIMIT_FLAGS);
    }
    const char **items = ARENA_ARRAY(arena, count, const char *);
    for (const struct cJSON *item = json_first(array); item != NULL; item = json_next(item)) {
        const char *text = json_get_string(item);
        if (text == NULL) {
            return error_set(err, ERROR_FORMAT, "recipe: %s holds what is no text", name);
        }
        items[used++] = arena_string(arena, text);
    }
    *ret = items;
    *ret_count = count;
    return true;
}

static bool read_source(const struct cJSON *object, struct arena *arena, struct recipe *recipe,
                        struct error *err)
{
    const char *kind = "";
    if (!READ(object, "source", arena, err, {"kind", TEXT, &kind},
              {"module", TEXT, &recipe->module}, {"version", TEXT, &recipe->version},
              {"h1", TEXT, &recipe->h1}, {"directory", TEXT, &recipe->directory},
              {"main_package", TEXT, &recipe->main_package},
              {"vendored", BOOLEAN, &recipe->vendored}, {"workspace", BOOLEAN, &recipe->workspace},
              {"module_directory", TEXT, &recipe->module_directory})) {
        return false;
    }
    for (size_t i = 0; i < RECIPE_SOURCE_KINDS; i++) {
        if (strcmp(kind, recipe_source_kinds[i]) == 0) {
            recipe->source_kind = (enum source_kind)i;
            return true;
        }
    }
    return error_set(err, ERROR_FORMAT, "recipe: source.kind is not known: %.60s", kind);
}

static bool read_environment(const struct cJSON *object, struct arena *arena, struct recipe *recipe,
                             struct error *err)
{
    size_t count = count_of(object);
    if (!json_is_object(object) || count > RECIPE_LIMIT_ENVIRONMENT) {
        return error_set(err, ERROR_FORMAT,
                         "recipe: environment is no object of at most %d members",
                         RECIPE_LIMIT_ENVIRONMENT);
    }
    recipe->environment = ARENA_ARRAY(arena, count, struct environment_entry);
    for (const struct cJSON *item = json_first(object); item != NULL; item = json_next(item)) {
        const char *value = json_get_string(item);
        if (value == NULL) {
            return error_set(err, ERROR_FORMAT, "recipe: environment.%.60s is no text",
                             json_key(item));
        }
        recipe->environment[recipe->environment_count++] = (struct environment_entry){
            .name = arena_string(arena, json_key(item)), .value = arena_string(arena, value)};
    }
    return true;
}

static bool read_orders(const struct cJSON *array, struct arena *arena, struct recipe *recipe,
                        struct error *err)
{
    size_t count = count_of(array);
    if (!json_is_array(array) || count > ARRAY_LEN(recipe->ldflags_orders)) {
        return error_set(err, ERROR_FORMAT,
                         "recipe: flags.ldflags_orders is no list of at most %zu",
                         ARRAY_LEN(recipe->ldflags_orders));
    }
    for (const struct cJSON *item = json_first(array); item != NULL; item = json_next(item)) {
        size_t i = recipe->order_count;
        if (!read_strings(item, "flags.ldflags_orders", arena, &recipe->ldflags_orders[i],
                          &recipe->ldflags_order_counts[i], err)) {
            return false;
        }
        recipe->order_count++;
    }
    return true;
}

static bool read_flags(const struct cJSON *object, struct arena *arena, struct recipe *recipe,
                       struct error *err)
{
    const struct cJSON *ldflags = NULL, *orders = NULL;
    if (!READ(object, "flags", arena, err, {"trimpath", BOOLEAN, &recipe->trimpath},
              {"buildmode", TEXT, &recipe->buildmode}, {"tags", TEXT, &recipe->tags},
              {"ldflags", ANY, &ldflags}, {"ldflags_text", TEXT, &recipe->ldflags_text},
              {"ldflags_orders", ANY, &orders}, {"gcflags", TEXT, &recipe->gcflags},
              {"asmflags", TEXT, &recipe->asmflags}, {"pgo", TEXT, &recipe->pgo})) {
        return false;
    }
    return (ldflags == NULL || read_strings(ldflags, "flags.ldflags", arena, &recipe->ldflags,
                                            &recipe->ldflag_count, err)) &&
           (orders == NULL || read_orders(orders, arena, recipe, err));
}

static bool read_vcs(const struct cJSON *object, struct arena *arena, struct vcs_stamp *vcs,
                     struct error *err)
{
    if (is_null(object)) {
        return true;
    }
    if (!READ(object, "vcs", arena, err, {"revision", TEXT, &vcs->revision},
              {"time", TEXT, &vcs->time}, {"modified", BOOLEAN, &vcs->modified},
              {"tag", TEXT, &vcs->tag}, {"base", TEXT, &vcs->base}, {"devel", BOOLEAN, &vcs->devel},
              {"no_go_mod", BOOLEAN, &vcs->no_go_mod})) {
        return false;
    }
    if (!timestamp_parse(bytes_from_string(vcs->time), &vcs->unix_time)) {
        return error_set(err, ERROR_FORMAT, "recipe: vcs.time is no time: %.60s", vcs->time);
    }
    vcs->present = true;
    return true;
}

static bool read_module(const struct cJSON *object, struct arena *arena, struct module *ret,
                        const struct cJSON **ret_replace, struct error *err)
{
    struct module module = {.path = "", .version = "", .sum = ""};
    if (!READ(object, "dependencies", arena, err, {"path", TEXT, &module.path},
              {"version", TEXT, &module.version}, {"sum", TEXT, &module.sum},
              {"replace", ANY, ret_replace})) {
        return false;
    }
    *ret = module;
    return true;
}

static bool read_dependency(const struct cJSON *object, struct arena *arena, struct module *ret,
                            struct error *err)
{
    const struct cJSON *replace = NULL, *again = NULL;
    if (!read_module(object, arena, ret, &replace, err)) {
        return false;
    }
    if (is_null(replace)) {
        return true;
    }
    struct module *right = ARENA_NEW(arena, struct module);
    if (!read_module(replace, arena, right, &again, err)) {
        return false;
    }
    ret->replace = right;
    return again == NULL ||
           error_set(err, ERROR_FORMAT, "recipe: a replacement is itself replaced");
}

static bool read_dependencies(const struct cJSON *array, struct arena *arena, struct recipe *recipe,
                              struct error *err)
{
    size_t count = count_of(array);
    if (!json_is_array(array) || count > RECIPE_LIMIT_DEPENDENCIES) {
        return error_set(err, ERROR_FORMAT, "recipe: dependencies is no list of at most %d",
                         RECIPE_LIMIT_DEPENDENCIES);
    }
    recipe->deps = ARENA_ARRAY(arena, count, struct module);
    for (const struct cJSON *item = json_first(array); item != NULL; item = json_next(item)) {
        if (!read_dependency(item, arena, &recipe->deps[recipe->dep_count], err)) {
            return false;
        }
        recipe->dep_count++;
    }
    return true;
}

static bool read_embedded_file(const struct cJSON *object, struct arena *arena,
                               struct recipe_embedded *ret, struct error *err)
{
    const struct cJSON *size = NULL;
    const char *hex = "";
    struct recipe_embedded file = {.path = ""};
    if (!READ(object, "embedded_from_artifact", arena, err, {"path", TEXT, &file.path},
              {"size", ANY, &size}, {"sha256", TEXT, &hex},
              {"replaces", BOOLEAN, &file.replaces})) {
        return false;
    }
    if (size == NULL || !json_get_uint(size, &file.size) ||
        !sha256_from_hex(bytes_from_string(hex), &file.sha256)) {
        return error_set(err, ERROR_FORMAT,
                         "recipe: embedded_from_artifact lacks the size or digest of a file");
    }
    *ret = file;
    return true;
}

static bool read_embedded(const struct cJSON *array, struct arena *arena, struct recipe *recipe,
                          struct error *err)
{
    size_t count = count_of(array);
    if (!json_is_array(array) || count > LIMIT_EMBEDDED_FILES) {
        return error_set(err, ERROR_FORMAT,
                         "recipe: embedded_from_artifact is no list of at most %d",
                         LIMIT_EMBEDDED_FILES);
    }
    recipe->embedded = ARENA_ARRAY(arena, count, struct recipe_embedded);
    for (const struct cJSON *item = json_first(array); item != NULL; item = json_next(item)) {
        if (!read_embedded_file(item, arena, &recipe->embedded[recipe->embedded_count], err)) {
            return false;
        }
        recipe->embedded_count++;
    }
    return true;
}

static bool read_root(const struct cJSON *root, struct arena *arena, struct recipe *recipe,
                      struct error *err)
{
    const char *schema = "";
    const struct cJSON *source = NULL, *toolchain = NULL, *platform = NULL, *environment = NULL;
    const struct cJSON *flags = NULL, *vcs = NULL, *paths = NULL, *dependencies = NULL;
    const struct cJSON *embedded = NULL;
    if (!READ(root, "the document", arena, err, {"schema", TEXT, &schema}, {"source", ANY, &source},
              {"toolchain", ANY, &toolchain}, {"platform", ANY, &platform},
              {"environment", ANY, &environment}, {"flags", ANY, &flags}, {"vcs", ANY, &vcs},
              {"paths", ANY, &paths}, {"dependencies", ANY, &dependencies},
              {"embedded_from_artifact", ANY, &embedded})) {
        return false;
    }
    if (strcmp(schema, RECIPE_SCHEMA) != 0) {
        return error_set(err, ERROR_FORMAT, "recipe: schema is %.60s, not %s", schema,
                         RECIPE_SCHEMA);
    }
    return read_source(source, arena, recipe, err) &&
           READ(toolchain, "toolchain", arena, err, {"version", TEXT, &recipe->toolchain},
                {"directory", TEXT, &recipe->toolchain_directory},
                {"rootfs", TEXT, &recipe->rootfs}, {"patch", TEXT, &recipe->toolchain_patch}) &&
           READ(platform, "platform", arena, err, {"goos", TEXT, &recipe->goos},
                {"goarch", TEXT, &recipe->goarch}) &&
           (environment == NULL || read_environment(environment, arena, recipe, err)) &&
           (flags == NULL || read_flags(flags, arena, recipe, err)) &&
           read_vcs(vcs, arena, &recipe->vcs, err) &&
           (is_null(paths) ||
            READ(paths, "paths", arena, err, {"goroot", TEXT, &recipe->goroot},
                 {"gopath", TEXT, &recipe->gopath}, {"source_root", TEXT, &recipe->source_root})) &&
           (dependencies == NULL || read_dependencies(dependencies, arena, recipe, err)) &&
           (embedded == NULL || read_embedded(embedded, arena, recipe, err));
}

bool recipe_read_json(struct bytes text, struct arena *arena, struct recipe *ret, struct error *err)
{
    AUTO(json_document) struct json_document *document = NULL;
    struct recipe recipe = recipe_empty();
    if (!json_parse(text, &document, err)) {
        return error_prefix(err, "recipe");
    }
    if (!read_root(json_root(document), arena, &recipe, err) || !recipe_validate(&recipe, err)) {
        return false;
    }
    *ret = recipe;
    return true;
}
