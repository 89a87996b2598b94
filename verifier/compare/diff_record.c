// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/diff_record.h"

#include "base/reader.h"

/* One walk over the structure for both directions, so that they cannot disagree. */
struct codec {
    struct buffer *out; /* NULL: decoding */
    struct reader in;
    struct arena *arena;
    bool failed;
};

static void code_byte(struct codec *codec, uint8_t *value, uint8_t maximum)
{
    uint8_t got = 0;
    if (codec->out != NULL) {
        buffer_byte(codec->out, *value);
    } else if (!codec->failed && reader_u8(&codec->in, &got) && got <= maximum) {
        *value = got;
    } else {
        codec->failed = true;
    }
}

static void code_bool(struct codec *codec, bool *value)
{
    uint8_t byte = *value ? 1 : 0;
    code_byte(codec, &byte, 1);
    *value = byte == 1;
}

static void code_u64(struct codec *codec, uint64_t *value)
{
    uint64_t got = 0;
    if (codec->out != NULL) {
        buffer_u64(codec->out, *value);
    } else if (!codec->failed && reader_u64(&codec->in, &got)) {
        *value = got;
    } else {
        codec->failed = true;
    }
}

static void code_u32(struct codec *codec, uint32_t *value)
{
    uint32_t got = 0;
    if (codec->out != NULL) {
        buffer_u32(codec->out, *value);
    } else if (!codec->failed && reader_u32(&codec->in, &got)) {
        *value = got;
    } else {
        codec->failed = true;
    }
}

static void code_bytes(struct codec *codec, struct bytes *value)
{
    uint32_t len = (uint32_t)value->len;
    struct bytes got = {0};
    code_u32(codec, &len);
    if (codec->out != NULL) {
        buffer_append(codec->out, *value);
    } else if (!codec->failed && reader_bytes(&codec->in, len, &got)) {
        *value = arena_bytes(codec->arena, got);
    } else {
        codec->failed = true;
    }
}

/* Never NULL once decoded; a text with a NUL in it is no text. */
static void code_text(struct codec *codec, const char **value)
{
    struct bytes bytes = bytes_from_string(*value);
    code_bytes(codec, &bytes);
    if (codec->out == NULL) {
        const char *text = codec->failed ? "" : arena_text(codec->arena, bytes);
        codec->failed = codec->failed || strlen(text) != bytes.len;
        *value = text;
    }
}

/* The count of an array whose elements take LEAST bytes at least, and room for them. */
static void code_array(struct codec *codec, void *items, size_t *count, size_t least, size_t size)
{
    uint32_t number = (uint32_t)*count;
    code_u32(codec, &number);
    if (codec->out != NULL) {
        return;
    }
    if (codec->failed || number > reader_left(&codec->in) / least) {
        codec->failed = true;
        number = 0;
    }
    *count = number;
    *(void **)items = arena_array(codec->arena, number, size);
}

static void code_ranges(struct codec *codec, struct byte_range **ranges, size_t *count)
{
    code_array(codec, ranges, count, 16, sizeof(**ranges));
    for (size_t i = 0; i < *count; i++) {
        code_u64(codec, &(*ranges)[i].offset);
        code_u64(codec, &(*ranges)[i].length);
    }
}

static void code_side(struct codec *codec, struct diff_side *side)
{
    code_text(codec, &side->format);
    code_text(codec, &side->platform);
    code_text(codec, &side->go_version);
    code_text(codec, &side->path);
    code_u64(codec, &side->size);
    code_text(codec, &side->build_id);
    for (size_t i = 0; i < BUILD_ID_PARTS; i++) {
        code_text(codec, &side->parts[i]);
    }
    code_byte(codec, &side->linker_hash, LINKER_HASH_MISMATCH);
    code_text(codec, &side->signature);
    code_text(codec, &side->packer);
}

static void code_causes(struct codec *codec, struct diff *diff)
{
    code_array(codec, &diff->causes, &diff->cause_count, 16, sizeof(*diff->causes));
    for (size_t i = 0; i < diff->cause_count; i++) {
        code_text(codec, &diff->causes[i].code);
        code_text(codec, &diff->causes[i].detail);
        code_text(codec, &diff->causes[i].evidence);
        code_text(codec, &diff->causes[i].next);
    }
    code_array(codec, &diff->removed, &diff->removed_count, 20, sizeof(*diff->removed));
    for (size_t i = 0; i < diff->removed_count; i++) {
        struct diff_removed *removed = &diff->removed[i];
        code_text(codec, &removed->name);
        code_u32(codec, &removed->version);
        code_text(codec, &removed->how);
        code_ranges(codec, &removed->ranges_a, &removed->count_a);
        code_ranges(codec, &removed->ranges_b, &removed->count_b);
    }
}

static void code_parts(struct codec *codec, struct diff *diff)
{
    code_array(codec, &diff->parts, &diff->part_count, 54, sizeof(*diff->parts));
    for (size_t i = 0; i < diff->part_count; i++) {
        struct diff_part *part = &diff->parts[i];
        code_text(codec, &part->name);
        code_text(codec, &part->role);
        code_byte(codec, &part->state, DIFF_ONLY_B);
        code_u64(codec, &part->offset_a);
        code_u64(codec, &part->size_a);
        code_u64(codec, &part->offset_b);
        code_u64(codec, &part->size_b);
        code_u64(codec, &part->differing);
        code_ranges(codec, &part->ranges, &part->range_count);
        code_bool(codec, &part->more_ranges);
    }
}

static void code_changes(struct codec *codec, struct diff *diff)
{
    code_array(codec, &diff->changes, &diff->change_count, 18, sizeof(*diff->changes));
    for (size_t i = 0; i < diff->change_count; i++) {
        struct diff_change *change = &diff->changes[i];
        code_text(codec, &change->kind);
        code_text(codec, &change->name);
        code_text(codec, &change->a);
        code_text(codec, &change->b);
        code_bool(codec, &change->has_a);
        code_bool(codec, &change->has_b);
    }
}

static void code_functions(struct codec *codec, struct diff_functions *list)
{
    code_array(codec, &list->items, &list->count, 48, sizeof(*list->items));
    for (size_t i = 0; i < list->count; i++) {
        struct diff_function *function = &list->items[i];
        code_text(codec, &function->name);
        code_text(codec, &function->file);
        code_u64(codec, &function->line);
        code_u64(codec, &function->address_a);
        code_u64(codec, &function->size_a);
        code_u64(codec, &function->address_b);
        code_u64(codec, &function->size_b);
    }
    code_u64(codec, &list->total);
}

static void code_all_functions(struct codec *codec, struct diff *diff)
{
    code_text(codec, &diff->functions_how);
    code_functions(codec, &diff->changed);
    code_functions(codec, &diff->added);
    code_functions(codec, &diff->removed_functions);
    code_functions(codec, &diff->moved);
    code_u64(codec, &diff->functions_a);
    code_u64(codec, &diff->functions_b);
    code_u64(codec, &diff->functions_equal);
    code_u64(codec, &diff->functions_shifted);
}

static void code_strings(struct codec *codec, struct diff *diff)
{
    code_array(codec, &diff->strings, &diff->string_count, 22, sizeof(*diff->strings));
    for (size_t i = 0; i < diff->string_count; i++) {
        struct diff_string *string = &diff->strings[i];
        code_text(codec, &string->kind);
        code_text(codec, &string->name);
        code_text(codec, &string->part);
        code_text(codec, &string->a);
        code_text(codec, &string->b);
        code_bool(codec, &string->has_a);
        code_bool(codec, &string->has_b);
    }
    code_u64(codec, &diff->string_total);
    code_array(codec, &diff->hex, &diff->hex_count, 28, sizeof(*diff->hex));
    for (size_t i = 0; i < diff->hex_count; i++) {
        struct diff_hex *hex = &diff->hex[i];
        code_text(codec, &hex->part);
        code_u64(codec, &hex->offset_a);
        code_u64(codec, &hex->offset_b);
        code_bytes(codec, &hex->a);
        code_bytes(codec, &hex->b);
        codec->failed = codec->failed || hex->a.len > DIFF_HEX_BYTES || hex->b.len > DIFF_HEX_BYTES;
    }
}

static void code_embedded_side(struct codec *codec, struct diff_embedded_side *side)
{
    struct bytes digest = sha256_view(&side->sha256);
    code_u64(codec, &side->size);
    code_bytes(codec, &digest);
    codec->failed = codec->failed || digest.len != SHA256_LEN;
    if (codec->out == NULL && !codec->failed) {
        memcpy(side->sha256.bytes, digest.data, SHA256_LEN);
    }
    code_bool(codec, &side->whole);
    code_u64(codec, &side->offset);
    code_u64(codec, &side->hash_offset);
}

static void code_embedded(struct codec *codec, struct diff *diff)
{
    code_array(codec, &diff->embedded, &diff->embedded_count, 131, sizeof(*diff->embedded));
    for (size_t i = 0; i < diff->embedded_count; i++) {
        struct diff_embedded *item = &diff->embedded[i];
        code_text(codec, &item->name);
        code_text(codec, &item->variable);
        code_byte(codec, &item->state, DIFF_ONLY_B);
        code_embedded_side(codec, &item->a);
        code_embedded_side(codec, &item->b);
    }
    code_u64(codec, &diff->embedded_total);
}

static void code_slice(struct codec *codec, struct diff *diff)
{
    code_text(codec, &diff->name);
    code_byte(codec, &diff->verdict, DIFF_IDENTICAL);
    code_side(codec, &diff->a);
    code_side(codec, &diff->b);
    code_causes(codec, diff);
    code_u64(codec, &diff->differing);
    code_u64(codec, &diff->first_difference);
    code_parts(codec, diff);
    code_changes(codec, diff);
    code_all_functions(codec, diff);
    code_strings(codec, diff);
    code_embedded(codec, diff);
}

static void code_error(struct codec *codec, struct error *error)
{
    uint8_t code = (uint8_t)error->code;
    const char *message = error->message;
    const char *cure = error->cure;
    code_byte(codec, &code, ERROR_INTERNAL);
    code_text(codec, &message);
    code_text(codec, &cure);
    if (codec->out == NULL && !codec->failed) {
        /* Escapes what the other process may not have escaped. */
        error_set(error, (enum error_code)code, "%s", message);
        if (cure[0] != '\0') {
            error_cure(error, "%s", cure);
        }
        codec->failed = code == ERROR_NONE;
    }
}

static void code_record(struct codec *codec, struct diff_record *record)
{
    struct diff_result *result = &record->result;
    code_bool(codec, &record->ok);
    if (!record->ok) {
        code_error(codec, &record->error);
        return;
    }
    code_byte(codec, &result->verdict, DIFF_IDENTICAL);
    code_u64(codec, &result->size_a);
    code_u64(codec, &result->size_b);
    code_array(codec, &result->slices, &result->slice_count, 200, sizeof(*result->slices));
    for (size_t i = 0; i < result->slice_count; i++) {
        code_slice(codec, &result->slices[i]);
    }
}

void diff_record_encode(const struct diff_record *record, struct buffer *out)
{
    struct codec codec = {.out = out};
    /* Encoding leaves everything as it is. */
    struct diff_record copy = *record;
    code_record(&codec, &copy);
}

/* A verdict that its own slices contradict is none. */
static bool is_sound(const struct diff_result *result)
{
    for (size_t i = 0; i < result->slice_count; i++) {
        if (result->slices[i].verdict < result->verdict) {
            return false;
        }
    }
    return result->slice_count > 0;
}

bool diff_record_decode(struct bytes bytes, struct arena *arena, struct diff_record *ret,
                        struct error *err)
{
    struct codec codec = {.in = reader_over(bytes, LITTLE_ENDIAN_ORDER), .arena = arena};
    struct diff_record record = {0};
    code_record(&codec, &record);
    if (codec.failed || !reader_done(&codec.in) || (record.ok && !is_sound(&record.result))) {
        return error_set(err, ERROR_FORMAT, "the comparing process gave a damaged answer");
    }
    *ret = record;
    return true;
}
