// SPDX-License-Identifier: Apache-2.0
#include "verifier/report/inspect_text.h"

#include "base/escape.h"

/* What one byte can become at most: "\u{10ffff}" comes of four. */
#define ESCAPED_MAX 5

static bool is_plain(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < ' ' || text.data[i] > '~') {
            return false;
        }
    }
    return true;
}

/* TEXT as it is, but for what would disturb a terminal. */
static void put(struct buffer *out, const char *text)
{
    struct bytes bytes = bytes_from_string(text);
    if (is_plain(bytes)) {
        buffer_append(out, bytes);
        return;
    }
    size_t room = bytes.len * ESCAPED_MAX + 8;
    char *place = (char *)buffer_reserve(out, room);
    if (place != NULL) {
        escape_text(text, place, room);
        buffer_advance(out, strlen(place));
    }
}

static void put_control(struct buffer *out, uint8_t byte)
{
    static const char letters[] = "abtnvfr"; /* from 7 on */
    if (byte >= 7 && byte <= 13) {
        buffer_printf(out, "\\%c", letters[byte - 7]);
    } else {
        buffer_printf(out, "\\x%02x", byte);
    }
}

/* As Go's strconv.Quote; of characters beyond ASCII those are escaped that deceive. */
static void put_quoted(struct buffer *out, struct bytes text)
{
    buffer_byte(out, '"');
    while (text.len > 0) {
        unsigned point = 0;
        size_t len = utf8_decode(text, &point);
        uint8_t first = text.data[0];
        if (first == '"' || first == '\\') {
            buffer_printf(out, "\\%c", first);
        } else if (len == 0 || first < ' ' || first == 0x7f) {
            put_control(out, first);
        } else if (len > 1 && escape_is_deceptive(point)) {
            buffer_printf(out, point < 0x10000 ? "\\u%04x" : "\\U%08x", point);
        } else {
            buffer_append(out, bytes_from(text.data, len));
        }
        len = len == 0 ? 1 : len;
        text = bytes_from(text.data + len, text.len - len);
    }
    buffer_byte(out, '"');
}

static bool has_any(const char *text, const char *characters)
{
    return text[strcspn(text, characters)] != '\0';
}

static void put_setting(struct buffer *out, const struct build_setting *setting)
{
    buffer_string(out, "\tbuild\t");
    if (setting->key[0] == '\0' || has_any(setting->key, "= \t\r\n\"`")) {
        put_quoted(out, bytes_from_string(setting->key));
    } else {
        put(out, setting->key);
    }
    buffer_byte(out, '=');
    if (has_any(setting->value, " \t\r\n\"`")) {
        put_quoted(out, bytes_from_string(setting->value));
    } else {
        put(out, setting->value);
    }
    buffer_byte(out, '\n');
}

static void put_module(struct buffer *out, const char *word, const struct module *module)
{
    buffer_printf(out, "\t%s\t", word);
    put(out, module->path);
    buffer_byte(out, '\t');
    put(out, module->version);
    if (module->replace != NULL) {
        buffer_byte(out, '\n');
        put_module(out, "=>", module->replace);
        buffer_string(out, "\t\n"); /* Go ends the line twice */
        return;
    }
    buffer_byte(out, '\t');
    put(out, module->sum);
    buffer_byte(out, '\n');
}

static void put_info(struct buffer *out, const struct buildinfo *info)
{
    if (info->path[0] != '\0') {
        buffer_string(out, "\tpath\t");
        put(out, info->path);
        buffer_byte(out, '\n');
    }
    if (info->has_main) {
        put_module(out, "mod", &info->main);
    }
    for (size_t i = 0; i < info->dep_count; i++) {
        put_module(out, "dep", &info->deps[i]);
    }
    for (size_t i = 0; i < info->setting_count; i++) {
        put_setting(out, &info->settings[i]);
    }
}

static void trait(struct buffer *out, const char *name, const char *value)
{
    if (value[0] != '\0') {
        buffer_printf(out, "\ttrait\t%s=", name);
        put(out, value);
        buffer_byte(out, '\n');
    }
}

static void trait_bool(struct buffer *out, const char *name, bool value)
{
    trait(out, name, value ? "true" : "false");
}

static void put_file_traits(struct buffer *out, const struct inspection *file)
{
    static const char *const hashes[] = {"none", "match", "mismatch"};
    if (file->has_digest) {
        char hex[SHA256_HEX_LEN + 1];
        sha256_hex(&file->sha256, hex);
        trait(out, "sha256", hex);
    }
    buffer_printf(out, "\ttrait\tsize=%llu\n", (unsigned long long)file->size);
    trait(out, "format", image_format_name(file->format));
    buffer_string(out, "\ttrait\tplatform=");
    put(out, file->goos);
    buffer_byte(out, '/');
    put(out, file->goarch);
    buffer_byte(out, '\n');
    trait(out, "variant", file->variant);
    if (file->has_digest) {
        trait(out, "linker_hash", hashes[file->traits.linker_hash]);
    }
    trait(out, "build_id", file->traits.build_id);
}

static void put_traits(struct buffer *out, const struct traits *traits)
{
    trait_bool(out, "symbol_table", traits->symbol_table);
    trait_bool(out, "dwarf", traits->dwarf);
    if (traits->path_known) {
        trait_bool(out, "trimpath", traits->trimpath);
    }
    trait_bool(out, "pie", traits->pie);
    trait_bool(out, "cgo", traits->cgo);
    trait(out, "link_mode", traits->external_link ? "external" : "internal");
    if (traits->shared) {
        trait_bool(out, "shared", true);
    }
    trait(out, "interpreter", traits->interpreter);
    for (size_t i = 0; i < traits->library_count; i++) {
        trait(out, "library", traits->libraries[i]);
    }
    for (size_t i = 0; i < traits->compiler_count; i++) {
        trait(out, "compiler", traits->compilers[i]);
    }
    trait(out, "code_signature", traits->code_signature);
    trait(out, "packer", traits->packer);
    trait(out, "goroot", traits->goroot);
    trait(out, "gopath", traits->gopath);
    trait(out, "source_root", traits->source_root);
    trait(out, "pclntab", traits->pclntab_go);
}

void inspect_text(const struct inspection *file, struct buffer *out)
{
    put(out, file->name);
    buffer_string(out, ": ");
    put(out, file->info.go_version[0] == '\0' ? "unknown" : file->info.go_version);
    buffer_byte(out, '\n');
    put_info(out, &file->info);
    put_file_traits(out, file);
    put_traits(out, &file->traits);
}
