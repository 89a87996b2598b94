// SPDX-License-Identifier: Apache-2.0
#include "verifier/inspect_record.h"

#include "base/limits.h"
#include "base/reader.h"

#define MODULE_FLAG_REPLACED 1
/* A dependency or setting takes three or two lengths at least: no count can be larger than what is
 * left allows. */
#define LEAST_MODULE 13
#define LEAST_SETTING 8
#define LEAST_TEXT 4

static void put_text(struct buffer *out, const char *text)
{
    struct bytes bytes = bytes_from_string(text);
    buffer_u32(out, (uint32_t)bytes.len);
    buffer_append(out, bytes);
}

static void put_texts(struct buffer *out, const char *const *texts, size_t count)
{
    buffer_u32(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        put_text(out, texts[i]);
    }
}

static void put_bool(struct buffer *out, bool value)
{
    buffer_byte(out, value ? 1 : 0);
}

static void put_module(struct buffer *out, const struct module *module)
{
    put_text(out, module->path);
    put_text(out, module->version);
    put_text(out, module->sum);
    buffer_byte(out, module->replace != NULL ? MODULE_FLAG_REPLACED : 0);
    if (module->replace != NULL) {
        put_text(out, module->replace->path);
        put_text(out, module->replace->version);
        put_text(out, module->replace->sum);
    }
}

static void put_info(struct buffer *out, const struct buildinfo *info)
{
    put_text(out, info->go_version);
    put_text(out, info->path);
    put_bool(out, info->has_main);
    put_module(out, &info->main);
    buffer_u32(out, (uint32_t)info->dep_count);
    for (size_t i = 0; i < info->dep_count; i++) {
        put_module(out, &info->deps[i]);
    }
    buffer_u32(out, (uint32_t)info->setting_count);
    for (size_t i = 0; i < info->setting_count; i++) {
        put_text(out, info->settings[i].key);
        put_text(out, info->settings[i].value);
    }
}

static void put_traits(struct buffer *out, const struct traits *traits)
{
    buffer_byte(out, (uint8_t)traits->linker_hash);
    put_text(out, traits->build_id);
    for (size_t i = 0; i < BUILD_ID_PARTS; i++) {
        put_text(out, traits->parts[i]);
    }
    put_text(out, traits->gnu_build_id);
    buffer_u64(out, traits->gnu_build_id_offset);
    const bool flags[] = {traits->host_build_id, traits->symbol_table,  traits->dwarf,
                          traits->pie,           traits->trimpath,      traits->path_known,
                          traits->cgo,           traits->external_link, traits->shared};
    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        put_bool(out, flags[i]);
    }
    put_text(out, traits->interpreter);
    put_texts(out, traits->libraries, traits->library_count);
    put_texts(out, traits->compilers, traits->compiler_count);
    put_text(out, traits->code_signature);
    put_text(out, traits->packer);
    put_text(out, traits->goroot);
    put_text(out, traits->gopath);
    put_text(out, traits->source_root);
    put_text(out, traits->pclntab_go);
}

static void put_sections(struct buffer *out, const struct inspection *file)
{
    buffer_u32(out, (uint32_t)file->section_count);
    for (size_t i = 0; i < file->section_count; i++) {
        put_text(out, file->sections[i].name);
        buffer_u64(out, file->sections[i].offset);
        buffer_u64(out, file->sections[i].size);
    }
}

static void put_values(struct buffer *out, const struct inspection *file)
{
    buffer_u32(out, (uint32_t)file->value_count);
    for (size_t i = 0; i < file->value_count; i++) {
        put_text(out, file->values[i].name);
        put_text(out, file->values[i].text);
        buffer_u64(out, file->values[i].offset);
    }
}

static void put_file(struct buffer *out, const struct inspection *file)
{
    put_text(out, file->name);
    put_bool(out, file->has_digest);
    buffer_append(out, sha256_view(&file->sha256));
    buffer_u64(out, file->size);
    buffer_byte(out, (uint8_t)file->format);
    buffer_u64(out, file->slice_offset);
    put_text(out, file->goos);
    put_text(out, file->goarch);
    put_text(out, file->variant);
    put_bool(out, file->has_buildinfo);
    put_bool(out, file->headerless);
    put_info(out, &file->info);
    put_traits(out, &file->traits);
    put_sections(out, file);
    put_values(out, file);
}

void inspect_record_encode(const struct inspect_record *record, struct buffer *out)
{
    put_bool(out, record->ok);
    if (!record->ok) {
        buffer_byte(out, (uint8_t)record->error.code);
        put_text(out, record->error.message);
        put_text(out, record->error.cure);
        return;
    }
    buffer_u32(out, (uint32_t)record->file_count);
    for (size_t i = 0; i < record->file_count; i++) {
        put_file(out, &record->files[i]);
    }
}

struct decoder {
    struct reader reader;
    struct arena *arena;
};

static bool get_bool(struct decoder *decoder, bool *ret)
{
    uint8_t value;
    if (!reader_u8(&decoder->reader, &value) || value > 1) {
        return false;
    }
    *ret = value == 1;
    return true;
}

/* A value of an enumeration whose largest is MAXIMUM. */
static bool get_kind(struct decoder *decoder, uint8_t maximum, uint8_t *ret)
{
    uint8_t value;
    if (!reader_u8(&decoder->reader, &value) || value > maximum) {
        return false;
    }
    *ret = value;
    return true;
}

/* A text without NUL: one inside would show a different text than was decoded. */
static bool get_text(struct decoder *decoder, const char **ret)
{
    uint32_t len;
    struct bytes bytes;
    if (!reader_u32(&decoder->reader, &len) || !reader_bytes(&decoder->reader, len, &bytes) ||
        bytes_find(bytes, 0, bytes_from("", 1)) != SIZE_MAX) {
        return false;
    }
    *ret = arena_text(decoder->arena, bytes);
    return true;
}

static bool get_count(struct decoder *decoder, size_t least, size_t *ret)
{
    uint32_t count;
    if (!reader_u32(&decoder->reader, &count) || count > reader_left(&decoder->reader) / least) {
        return false;
    }
    *ret = count;
    return true;
}

static bool get_texts(struct decoder *decoder, const char ***ret, size_t *ret_count)
{
    size_t count;
    if (!get_count(decoder, LEAST_TEXT, &count)) {
        return false;
    }
    const char **texts = ARENA_ARRAY(decoder->arena, count, const char *);
    for (size_t i = 0; i < count; i++) {
        if (!get_text(decoder, &texts[i])) {
            return false;
        }
    }
    *ret = texts;
    *ret_count = count;
    return true;
}

static bool get_module_line(struct decoder *decoder, struct module *ret)
{
    return get_text(decoder, &ret->path) && get_text(decoder, &ret->version) &&
           get_text(decoder, &ret->sum);
}

static bool get_module(struct decoder *decoder, struct module *ret)
{
    uint8_t flags;
    if (!get_module_line(decoder, ret) || !get_kind(decoder, MODULE_FLAG_REPLACED, &flags)) {
        return false;
    }
    if (flags != 0) {
        struct module *replace = ARENA_NEW(decoder->arena, struct module);
        ret->replace = replace;
        return get_module_line(decoder, replace);
    }
    return true;
}

static bool get_deps(struct decoder *decoder, struct buildinfo *ret)
{
    if (!get_count(decoder, LEAST_MODULE, &ret->dep_count)) {
        return false;
    }
    ret->deps = ARENA_ARRAY(decoder->arena, ret->dep_count, struct module);
    for (size_t i = 0; i < ret->dep_count; i++) {
        if (!get_module(decoder, &ret->deps[i])) {
            return false;
        }
    }
    return true;
}

static bool get_settings(struct decoder *decoder, struct buildinfo *ret)
{
    if (!get_count(decoder, LEAST_SETTING, &ret->setting_count)) {
        return false;
    }
    ret->settings = ARENA_ARRAY(decoder->arena, ret->setting_count, struct build_setting);
    for (size_t i = 0; i < ret->setting_count; i++) {
        if (!get_text(decoder, &ret->settings[i].key) ||
            !get_text(decoder, &ret->settings[i].value)) {
            return false;
        }
    }
    return true;
}

static bool get_info(struct decoder *decoder, struct buildinfo *ret)
{
    return get_text(decoder, &ret->go_version) && get_text(decoder, &ret->path) &&
           get_bool(decoder, &ret->has_main) && get_module(decoder, &ret->main) &&
           get_deps(decoder, ret) && get_settings(decoder, ret);
}

static bool get_flags(struct decoder *decoder, struct traits *ret)
{
    bool *const flags[] = {&ret->host_build_id, &ret->symbol_table,  &ret->dwarf,
                           &ret->pie,           &ret->trimpath,      &ret->path_known,
                           &ret->cgo,           &ret->external_link, &ret->shared};
    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        if (!get_bool(decoder, flags[i])) {
            return false;
        }
    }
    return true;
}

static bool get_traits(struct decoder *decoder, struct traits *ret)
{
    uint8_t hash;
    if (!get_kind(decoder, LINKER_HASH_MISMATCH, &hash) || !get_text(decoder, &ret->build_id)) {
        return false;
    }
    ret->linker_hash = (enum linker_hash)hash;
    for (size_t i = 0; i < BUILD_ID_PARTS; i++) {
        if (!get_text(decoder, &ret->parts[i])) {
            return false;
        }
    }
    return get_text(decoder, &ret->gnu_build_id) &&
           reader_u64(&decoder->reader, &ret->gnu_build_id_offset) && get_flags(decoder, ret) &&
           get_text(decoder, &ret->interpreter) &&
           get_texts(decoder, &ret->libraries, &ret->library_count) &&
           get_texts(decoder, &ret->compilers, &ret->compiler_count) &&
           get_text(decoder, &ret->code_signature) && get_text(decoder, &ret->packer) &&
           get_text(decoder, &ret->goroot) && get_text(decoder, &ret->gopath) &&
           get_text(decoder, &ret->source_root) && get_text(decoder, &ret->pclntab_go);
}

static bool get_sections(struct decoder *decoder, struct inspection *ret)
{
    size_t count;
    if (!get_count(decoder, LEAST_TEXT + 16, &count) || count > INSPECT_SECTIONS) {
        return false;
    }
    ret->sections = ARENA_ARRAY(decoder->arena, count, struct section_place);
    ret->section_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!get_text(decoder, &ret->sections[i].name) ||
            !reader_u64(&decoder->reader, &ret->sections[i].offset) ||
            !reader_u64(&decoder->reader, &ret->sections[i].size)) {
            return false;
        }
    }
    return true;
}

static bool get_values(struct decoder *decoder, struct inspection *ret)
{
    size_t count;
    if (!get_count(decoder, 2 * LEAST_TEXT + 8, &count) || count > INSPECT_VALUES_MAXIMUM) {
        return false;
    }
    ret->values = ARENA_ARRAY(decoder->arena, count, struct planted_value);
    ret->value_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!get_text(decoder, &ret->values[i].name) || !get_text(decoder, &ret->values[i].text) ||
            !reader_u64(&decoder->reader, &ret->values[i].offset)) {
            return false;
        }
    }
    return true;
}

static bool get_file(struct decoder *decoder, struct inspection *ret)
{
    struct bytes digest;
    uint8_t format;
    if (!get_text(decoder, &ret->name) || !get_bool(decoder, &ret->has_digest) ||
        !reader_bytes(&decoder->reader, SHA256_LEN, &digest) ||
        !reader_u64(&decoder->reader, &ret->size) || !get_kind(decoder, IMAGE_PLAN9, &format) ||
        !reader_u64(&decoder->reader, &ret->slice_offset)) {
        return false;
    }
    memcpy(ret->sha256.bytes, digest.data, SHA256_LEN);
    ret->format = (enum image_format)format;
    return get_text(decoder, &ret->goos) && get_text(decoder, &ret->goarch) &&
           get_text(decoder, &ret->variant) && get_bool(decoder, &ret->has_buildinfo) &&
           get_bool(decoder, &ret->headerless) && get_info(decoder, &ret->info) &&
           get_traits(decoder, &ret->traits) && get_sections(decoder, ret) &&
           get_values(decoder, ret);
}

static bool get_error(struct decoder *decoder, struct error *ret)
{
    uint8_t code;
    const char *message;
    const char *cure;
    if (!get_kind(decoder, ERROR_INTERNAL, &code) || code == ERROR_NONE ||
        !get_text(decoder, &message) || !get_text(decoder, &cure)) {
        return false;
    }
    /* Set as any other, so that it is cut and escaped whatever it is. */
    error_set(ret, (enum error_code)code, "%s", message);
    if (cure[0] != '\0') {
        error_cure(ret, "%s", cure);
    }
    return true;
}

static bool get_record(struct decoder *decoder, struct inspect_record *ret)
{
    if (!get_bool(decoder, &ret->ok)) {
        return false;
    }
    if (!ret->ok) {
        return get_error(decoder, &ret->error);
    }
    uint32_t count;
    if (!reader_u32(&decoder->reader, &count) || count == 0 || count > LIMIT_FAT_SLICES) {
        return false;
    }
    ret->file_count = count;
    ret->files = ARENA_ARRAY(decoder->arena, count, struct inspection);
    for (size_t i = 0; i < count; i++) {
        if (!get_file(decoder, &ret->files[i])) {
            return false;
        }
    }
    return true;
}

bool inspect_record_decode(struct bytes bytes, struct arena *arena, struct inspect_record *ret,
                           struct error *err)
{
    struct decoder decoder = {.reader = reader_over(bytes, LITTLE_ENDIAN_ORDER), .arena = arena};
    struct inspect_record record = {0};
    if (!get_record(&decoder, &record) || !reader_done(&decoder.reader)) {
        return error_set(err, ERROR_FORMAT, "record of the parser process: damaged at offset %zu",
                         reader_offset(&decoder.reader));
    }
    *ret = record;
    return true;
}
