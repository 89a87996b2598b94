// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/licence_files.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "attest/sbom/copyright_lines.h"
#include "attest/sbom/licence_expression.h"
#include "attest/sbom/licence_match.h"
#include "base/escape.h"
#include "base/scanner.h"

static bool has_ending(const char *name, const char *const *endings, size_t count)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && i < count; i++) {
        if (strcasecmp(dot, endings[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool begins(const char *name, const char *word)
{
    return strncasecmp(name, word, strlen(word)) == 0;
}

enum licence_file_kind licence_file_kind(const char *path)
{
    /* "license.go" is a program that deals with licences. */
    static const char *const code[] = {".go",   ".json", ".yml", ".yaml", ".sh",   ".tmpl",
                                       ".py",   ".js",   ".ts",  ".css",  ".png",  ".svg",
                                       ".toml", ".lock", ".mod", ".tpl",  ".proto"};
    static const char *const words[] = {"license",   "licence",     "copying",
                                        "unlicense", "mit-license", "apache-license"};
    bool reuse = strncmp(path, "LICENSES/", 9) == 0;
    const char *name = reuse ? path + 9 : path;
    if (strchr(name, '/') != NULL || has_ending(name, code, ARRAY_LEN(code))) {
        return LICENCE_FILE_NONE;
    }
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (reuse || begins(name, words[i])) {
            return LICENCE_FILE_TEXT;
        }
    }
    if (begins(name, "notice") || begins(name, "copyright") || begins(name, "authors")) {
        return LICENCE_FILE_NOTICE;
    }
    return begins(name, "readme") ? LICENCE_FILE_README : LICENCE_FILE_NONE;
}

/* One conclusion in the making. */
struct conclusion {
    const struct licence_table *table;
    struct arena *arena;
    struct sbom_licences *licences;
    size_t find_capacity;
    struct sbom_licence_text *texts;
    size_t text_count;
    bool choice; /* a text says that one of them may be chosen */
    struct copyright_lines copyright;
};

static void add_find(struct conclusion *to, const char *file, const char *expression, size_t offset,
                     size_t len, unsigned cover)
{
    struct sbom_licences *licences = to->licences;
    arena_grow(to->arena, &licences->finds, licences->find_count, &to->find_capacity,
               sizeof(*licences->finds));
    licences->finds[licences->find_count++] = (struct sbom_licence_find){
        arena_string(to->arena, file), arena_string(to->arena, expression), offset, len, cover};
}

/* The text under a name of ours, which is the same for the same text. */
static void add_text(struct conclusion *to, const struct licence_file *file)
{
    char hex[SHA256_HEX_LEN + 1];
    struct sha256 digest = sha256_of(file->text);
    sha256_hex(&digest, hex);
    const char *id = arena_printf(to->arena, "LicenseRef-%.16s", hex);
    add_find(to, file->path, id, 0, file->text.len, 0);
    to->texts[to->text_count++] = (struct sbom_licence_text){
        id, arena_string(to->arena, file->path), arena_text(to->arena, file->text)};
}

/* A text file: UTF-8 for the most part, and without NUL. */
static bool is_text(struct bytes bytes)
{
    return bytes.len > 0 && bytes.len <= LICENCE_FILE_MAXIMUM &&
           memchr(bytes.data, '\0', bytes.len) == NULL;
}

static bool says(struct bytes text, const char *phrase)
{
    return bytes_find(text, 0, bytes_from_string(phrase)) != SIZE_MAX;
}

static bool offers_choice(struct bytes text)
{
    return says(text, "dual licensed") || says(text, "dual-licensed") ||
           says(text, "Dual licensed") || says(text, "licensed under either");
}

static void look_at(struct conclusion *to, const struct licence_file *file)
{
    struct licence_match matches[LICENCE_MATCHES];
    struct bytes stated;
    size_t offset;
    if (licence_stated(to->table, file->text, &offset, &stated)) {
        add_find(to, file->path, arena_text(to->arena, stated), offset, stated.len, 100);
        return;
    }
    size_t count = licence_match(to->table, file->text, matches);
    for (size_t i = 0; i < count; i++) {
        add_find(to, file->path, matches[i].id, matches[i].offset, matches[i].len,
                 matches[i].cover);
    }
    to->choice |= offers_choice(file->text);
    if (count == 0 && licence_file_kind(file->path) == LICENCE_FILE_TEXT) {
        add_text(to, file);
    }
}

static void join_finds(struct conclusion *to)
{
    struct sbom_licences *licences = to->licences;
    const char **expressions = ARENA_ARRAY(to->arena, licences->find_count + 1, const char *);
    for (size_t i = 0; i < licences->find_count; i++) {
        expressions[i] = licences->finds[i].expression;
    }
    licences->declared = licence_join(expressions, licences->find_count, "AND", to->arena);
    licences->concluded = licences->declared;
    licences->joined = strstr(licences->declared, " AND ") != NULL;
    if (to->choice && licences->joined) {
        licences->concluded = licence_join(expressions, licences->find_count, "OR", to->arena);
    }
}

void licence_files_conclude(const struct licence_table *table, const struct licence_file *files,
                            size_t count, struct arena *arena, struct sbom_licences *ret,
                            struct sbom_licence_text *ret_texts, size_t *ret_text_count)
{
    static const enum licence_file_kind rounds[] = {LICENCE_FILE_TEXT, LICENCE_FILE_NOTICE,
                                                    LICENCE_FILE_README};
    struct conclusion to = {.table = table, .arena = arena, .licences = ret, .texts = ret_texts};
    *ret = (struct sbom_licences){.looked = true, .declared = "", .concluded = "", .copyright = ""};
    for (size_t round = 0; round < ARRAY_LEN(rounds); round++) {
        bool wanted = ret->find_count == 0;
        for (size_t i = 0; i < count; i++) {
            if (licence_file_kind(files[i].path) != rounds[round] || !is_text(files[i].text)) {
                continue;
            }
            if (wanted) {
                look_at(&to, &files[i]);
            }
            if (rounds[round] != LICENCE_FILE_README) {
                copyright_lines_add(&to.copyright, files[i].text, arena);
            }
        }
    }
    join_finds(&to);
    ret->copyright = copyright_lines_text(&to.copyright, arena);
    *ret_text_count = to.text_count;
}
