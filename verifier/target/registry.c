// SPDX-License-Identifier: Apache-2.0
#include "verifier/target/registry.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/limits.h"
#include "base/process.h"
#include "base/scanner.h"
#include "verifier/fetch/module_path.h"

#define TIMEOUT_MS 600000
#define WORDS_MAXIMUM 16

bool registry_is_purl(const char *text)
{
    return strncmp(text, "pkg:", 4) == 0;
}

static bool hex_value(uint8_t digit, unsigned *ret)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = memchr(digits, digit | 0x20, 16);
    *ret = at == NULL ? 0 : (unsigned)(at - digits);
    return at != NULL;
}

/* TEXT with its %XX decoded. */
static bool decode(struct bytes text, struct arena *arena, const char **ret)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned high, low;
        if (text.data[i] != '%') {
            out[len++] = (char)text.data[i];
        } else if (i + 2 < text.len && hex_value(text.data[i + 1], &high) &&
                   hex_value(text.data[i + 2], &low)) {
            out[len++] = (char)(high * 16 + low);
            i += 2;
        } else {
            return false;
        }
    }
    *ret = out;
    return strlen(out) == len;
}

/* A word that a client takes for what it is: no option, no path, no address, no range. */
static bool is_plain(const char *text, const char *more)
{
    bool ok = text[0] != '\0' && text[0] != '-' && text[0] != '.' && strlen(text) <= 256 &&
              strstr(text, "..") == NULL;
    for (; ok && *text != '\0'; text++) {
        ok = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
             (*text >= '0' && *text <= '9') || strchr(more, *text) != NULL;
    }
    return ok;
}

static bool is_name(const struct registry_request *request)
{
    const char *name = request->name;
    bool npm = strcmp(request->type, "npm") == 0;
    if (npm && name[0] == '@') {
        const char *slash = strchr(name, '/');
        return slash != NULL && strchr(slash + 1, '/') == NULL && is_plain(slash + 1, "._-") &&
               is_plain(name + 1, "._-/");
    }
    return is_plain(name, "._+-");
}

/* Versions name one thing: "1", "latest" and ranges do not begin with a digit and hold a dot. */
static bool is_version(const char *version)
{
    const char *digits = version[0] >= '0' && version[0] <= '9' ? version : "";
    return is_plain(digits, ".+~:!_-") && strchr(digits, '.') != NULL;
}

/* The value of the qualifier KEY, "" if there is none. */
static bool find_qualifier(struct bytes qualifiers, const char *name, struct arena *arena,
                           const char **ret)
{
    struct scanner scanner = scanner_over(qualifiers);
    struct bytes one, key, value;
    *ret = "";
    while (scanner_field(&scanner, '&', LIMIT_LINE, &one)) {
        if (scan_cut(one, '=', &key, &value) && bytes_equal_string(key, name) &&
            (!decode(value, arena, ret) || !is_plain(*ret, "._-"))) {
            return false;
        }
    }
    return true;
}

/* "npm/%40scope/name": the namespace of deb and rpm is the distribution, which the client knows
 * itself. */
static bool split_path(struct bytes path, struct arena *arena, struct registry_request *request)
{
    struct bytes type, name, last, space;
    if (!scan_cut(path, '/', &type, &name)) {
        return false;
    }
    request->type = arena_text(arena, type);
    request->space = "";
    bool spaced = strcmp(request->type, "deb") == 0 || strcmp(request->type, "rpm") == 0;
    if (spaced && scan_cut_last(name, '/', &space, &last)) {
        name = last;
        if (!decode(space, arena, &request->space) || !is_plain(request->space, "._-")) {
            return false;
        }
    }
    return decode(name, arena, &request->name);
}

static bool check_request(const struct registry_request *request, struct error *err)
{
    static const char *const types[] = {"npm", "pypi", "deb", "rpm"};
    bool known = false;
    if (strcmp(request->type, "golang") == 0) {
        return module_check(request->name, request->version, err);
    }
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        known |= strcmp(request->type, types[i]) == 0;
    }
    if (!known) {
        error_set(err, ERROR_USAGE, "there is no client for packages of the type %s",
                  request->type);
        return error_cure(err, "npm, pypi, deb, rpm and golang can be got; else name the file");
    }
    if (!is_version(request->version)) {
        error_set(err, ERROR_USAGE, "%s is no version of one package", request->version);
        return error_cure(err, "a version moves never: as pkg:npm/%%40esbuild/linux-x64@0.25.0");
    }
    return is_name(request) || error_set(err, ERROR_USAGE, "not a name of a package");
}

bool registry_parse(const char *purl, struct arena *arena, struct registry_request *ret,
                    struct error *err)
{
    struct registry_request request = {0};
    struct bytes path, version, behind, qualifiers = bytes_from(NULL, 0);
    struct bytes text = bytes_from_string(purl + strlen("pkg:"));
    if (scan_cut(text, '#', &path, &behind)) {
        text = path;
    }
    if (scan_cut(text, '?', &path, &qualifiers)) {
        text = path;
    }
    if (!scan_cut_last(text, '@', &path, &version) || !split_path(path, arena, &request) ||
        !decode(version, arena, &request.version) ||
        !find_qualifier(qualifiers, "platform", arena, &request.platform) ||
        !find_qualifier(qualifiers, "arch", arena, &request.architecture)) {
        error_set(err, ERROR_USAGE, "no package URL with a version");
        return error_cure(err,
                          "as pkg:npm/%%40esbuild/linux-x64@0.25.0 or pkg:pypi/shfmt-py@4.2.0");
    }
    if (!check_request(&request, err)) {
        if (err != NULL) {
            err->code = ERROR_USAGE;
        }
        return false;
    }
    *ret = request;
    return true;
}

struct command_line {
    const char *words[WORDS_MAXIMUM];
    size_t count;
};

static void add(struct command_line *line, const char *word)
{
    line->words[line->count++] = word;
}

static void add_all(struct command_line *line, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add(line, words[i]);
    }
}

static bool npm_line(const struct registry_request *request, const char *place, struct arena *arena,
                     struct command_line *ret, struct error *err)
{
    const char *program;
    if (!process_find("npm", "npm", arena, &program, err)) {
        return false;
    }
    const char *const words[] = {program,
                                 "pack",
                                 "--ignore-scripts",
                                 "--silent",
                                 "--pack-destination",
                                 place,
                                 arena_printf(arena, "%s@%s", request->name, request->version)};
    add_all(ret, words, ARRAY_LEN(words));
    return true;
}

static bool pip_line(const struct registry_request *request, const char *place, struct arena *arena,
                     struct command_line *ret, struct error *err)
{
    const char *program;
    if (!process_find("python3", "python3-pip", arena, &program, err)) {
        return false;
    }
    /* Only wheels: to look at a source package, pip would run it. */
    const char *const words[] = {program,
                                 "-m",
                                 "pip",
                                 "download",
                                 "--quiet",
                                 "--no-deps",
                                 "--only-binary=:all:",
                                 "--disable-pip-version-check",
                                 "--dest",
                                 place};
    add_all(ret, words, ARRAY_LEN(words));
    if (request->platform[0] != '\0') {
        add(ret, "--platform");
        add(ret, request->platform);
    }
    add(ret, arena_printf(arena, "%s==%s", request->name, request->version));
    return true;
}

static bool apt_line(const struct registry_request *request, const char *place, struct arena *arena,
                     struct command_line *ret, struct error *err)
{
    const char *env, *program;
    if (!process_find("env", "coreutils", arena, &env, err) ||
        !process_find("apt-get", "apt", arena, &program, err)) {
        return false;
    }
    const char *const words[] = {env,
                                 "-C",
                                 place,
                                 program,
                                 "-qq",
                                 "download",
                                 arena_printf(arena, "%s%s%s=%s", request->name,
                                              request->architecture[0] == '\0' ? "" : ":",
                                              request->architecture, request->version)};
    add_all(ret, words, ARRAY_LEN(words));
    return true;
}

static bool dnf_line(const struct registry_request *request, const char *place, struct arena *arena,
                     struct command_line *ret, struct error *err)
{
    const char *program;
    if (!process_find("dnf", "dnf", arena, &program, err)) {
        return error_cure(err, "install dnf, or get the package elsewhere and name its file");
    }
    const char *const words[] = {program, "-q", "download", "--destdir", place};
    add_all(ret, words, ARRAY_LEN(words));
    if (request->architecture[0] != '\0') {
        add(ret, "--arch");
        add(ret, request->architecture);
    }
    add(ret, arena_printf(arena, "%s-%s", request->name, request->version));
    return true;
}

static bool run(const struct command_line *line, const char *name, struct error *err)
{
    static const struct process_limit limits[] = {
        {.resource = RLIMIT_FSIZE, .value = LIMIT_PACKAGE_BYTES},
        {.resource = RLIMIT_CORE, .value = 0},
    };
    AUTO(process) struct process process = {.pidfd = -1};
    struct process_spec spec = {.argv = line->words,
                                .environment = (const char *const *)environ,
                                .stdin_fd = -1,
                                .stdout_fd = -1,
                                .stderr_fd = -1,
                                .limits = limits,
                                .limit_count = ARRAY_LEN(limits)};
    int status;
    if (!process_start(&spec, &process, err) || !process_wait(&process, TIMEOUT_MS, &status, err)) {
        return false;
    }
    if (status != 0) {
        error_set(err, ERROR_NETWORK, "%s could not get it (exit status %d)", name, status);
        return error_cure(err, "%s", "try the client by hand: it says why");
    }
    return true;
}

bool registry_get(const struct registry_request *request, const char *place, struct arena *arena,
                  struct error *err)
{
    static const struct {
        const char *type, *client;
        bool (*line)(const struct registry_request *request, const char *place, struct arena *arena,
                     struct command_line *ret, struct error *err);
    } clients[] = {{"npm", "npm", npm_line},
                   {"pypi", "pip", pip_line},
                   {"deb", "apt-get", apt_line},
                   {"rpm", "dnf", dnf_line}};
    for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
        struct command_line line = {0};
        if (strcmp(request->type, clients[i].type) == 0) {
            return clients[i].line(request, place, arena, &line, err) &&
                   run(&line, clients[i].client, err);
        }
    }
    bug("a request of the type %s", request->type);
}
