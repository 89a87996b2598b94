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

/* Versions name one thing: "1", "latest" and ranges do not begin with a digit and hold a dot. apt
 * knows no ranges, and Debian has versions without a dot: "2025b-0+deb12u2". */
static bool is_version(const struct registry_request *request)
{
    const char *version = request->version;
    const char *digits = version[0] >= '0' && version[0] <= '9' ? version : "";
    return is_plain(digits, ".+~:!_-") &&
           (strcmp(request->type, "deb") == 0 || strchr(digits, '.') != NULL);
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

/* What a package URL of each type looks like, and who tells which versions there are. */
static const struct {
    const char *type, *example, *versions;
} types[] = {
    {"npm", "pkg:npm/%40esbuild/linux-x64@0.25.0", "`npm view NAME versions`"},
    {"pypi", "pkg:pypi/shfmt-py@4.2.0", "`pip index versions NAME`"},
    {"deb", "pkg:deb/debian/gh@2.23.0%2Bdfsg1-1", "`apt-cache policy NAME`"},
    {"rpm", "pkg:rpm/fedora/gh@2.65.0-1.fc41", "`dnf list --showduplicates NAME`"},
    {"golang", "pkg:golang/golang.org/toolchain@v0.0.1-go1.23.5.linux-amd64", "its page"},
};

static bool tell_version(const char *type, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (strcmp(types[i].type, type) == 0) {
            return error_cure(err, "a version that moves never, as %s; %s tells which there are",
                              types[i].example, types[i].versions);
        }
    }
    return error_cure(err, "as %s or %s", types[0].example, types[1].example);
}

static bool check_type(const char *type, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (strcmp(types[i].type, type) == 0) {
            return true;
        }
    }
    error_set(err, ERROR_USAGE, "there is no client for packages of the type %s", type);
    return error_cure(err, "npm, pypi, deb, rpm and golang can be got; else name the file");
}

static bool check_request(const struct registry_request *request, struct error *err)
{
    if (strcmp(request->type, "golang") == 0) {
        return module_check(request->name, request->version, err);
    }
    if (!check_type(request->type, err)) {
        return false;
    }
    if (!is_version(request)) {
        error_set(err, ERROR_USAGE, "%s is no version of one package", request->version);
        return tell_version(request->type, err);
    }
    return is_name(request) || error_set(err, ERROR_USAGE, "not a name of a package");
}

/* What of PURL is wrong that could not be taken apart. */
static bool refuse(struct bytes purl, struct arena *arena, struct error *err)
{
    struct bytes type, rest, name, version;
    if (!scan_cut(purl, '/', &type, &rest) || scan_cut_last(rest, '@', &name, &version)) {
        error_set(err, ERROR_USAGE, "no package URL with a version");
        return tell_version("", err);
    }
    if (!check_type(arena_text(arena, type), err)) {
        return false;
    }
    error_set(err, ERROR_USAGE, "no version is named");
    return tell_version(arena_text(arena, type), err);
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
        return refuse(text, arena, err);
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
    size_t first; /* the client's own name: before it stands what chooses the folder */
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
    ret->first = 3;
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

/* As the user would type it: where the file goes to does not matter to what the client says. */
static bool tell_client(const struct command_line *line, const char *place, struct arena *arena,
                        struct error *err)
{
    const char *text = "";
    for (size_t i = line->first; i < line->count; i++) {
        bool quiet = strcmp(line->words[i], "-qq") == 0 || strcmp(line->words[i], "-q") == 0 ||
                     strcmp(line->words[i], "--silent") == 0 ||
                     strcmp(line->words[i], "--quiet") == 0;
        if (!quiet) {
            const char *word = strcmp(line->words[i], place) == 0 ? "." : line->words[i];
            text = arena_printf(arena, "%s %s", text, word);
        }
    }
    return error_cure(err, "the client by itself says why:%s", text);
}

static bool run(const struct command_line *line, const char *name, const char *place,
                struct arena *arena, struct error *err)
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
        return tell_client(line, place, arena, err);
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
                   run(&line, clients[i].client, place, arena, err);
        }
    }
    bug("a request of the type %s", request->type);
}
