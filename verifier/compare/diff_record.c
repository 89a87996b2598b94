// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/diff_record.h"

#include "base/codec.h"

static void code_ranges(struct codec *codec, struct byte_range **ranges, size_t *count)
{
    codec_array(codec, ranges, count, 16, sizeof(**ranges));
    for (size_t i = 0; i < *count; i++) {
        codec_u64(codec, &(*ranges)[i].offset);
        codec_u64(codec, &(*ranges)[i].length);
    }
}

static void code_side(struct codec *codec, struct diff_side *side)
{
    codec_text(codec, &side->format);
    codec_text(codec, &side->platform);
    codec_text(codec, &side->go_version);
    codec_text(codec, &side->path);
    codec_u64(codec, &side->size);
    codec_text(codec, &side->build_id);
    for (size_t i = 0; i < BUILD_ID_PARTS; i++) {
        codec_text(codec, &side->parts[i]);
    }
    codec_byte(codec, &side->linker_hash, LINKER_HASH_MISMATCH);
    codec_text(codec, &side->signature);
    codec_text(codec, &side->packer);
}

static void code_causes(struct codec *codec, struct diff *diff)
{
    codec_array(codec, &diff->causes, &diff->cause_count, 16, sizeof(*diff->causes));
    for (size_t i = 0; i < diff->cause_count; i++) {
        codec_text(codec, &diff->causes[i].code);
        codec_text(codec, &diff->causes[i].detail);
        codec_text(codec, &diff->causes[i].evidence);
        codec_text(codec, &diff->causes[i].next);
    }
    codec_array(codec, &diff->removed, &diff->removed_count, 20, sizeof(*diff->removed));
    for (size_t i = 0; i < diff->removed_count; i++) {
        struct diff_removed *removed = &diff->removed[i];
        codec_text(codec, &removed->name);
        codec_u32(codec, &removed->version);
        codec_text(codec, &removed->how);
        code_ranges(codec, &removed->ranges_a, &removed->count_a);
        code_ranges(codec, &removed->ranges_b, &removed->count_b);
    }
}

static void code_parts(struct codec *codec, struct diff *diff)
{
    codec_array(codec, &diff->parts, &diff->part_count, 54, sizeof(*diff->parts));
    for (size_t i = 0; i < diff->part_count; i++) {
        struct diff_part *part = &diff->parts[i];
        codec_text(codec, &part->name);
        codec_text(codec, &part->role);
        codec_byte(codec, &part->state, DIFF_ONLY_B);
        codec_u64(codec, &part->offset_a);
        codec_u64(codec, &part->size_a);
        codec_u64(codec, &part->offset_b);
        codec_u64(codec, &part->size_b);
        codec_u64(codec, &part->differing);
        code_ranges(codec, &part->ranges, &part->range_count);
        codec_bool(codec, &part->more_ranges);
    }
}

static void code_changes(struct codec *codec, struct diff *diff)
{
    codec_array(codec, &diff->changes, &diff->change_count, 18, sizeof(*diff->changes));
    for (size_t i = 0; i < diff->change_count; i++) {
        struct diff_change *change = &diff->changes[i];
        codec_text(codec, &change->kind);
        codec_text(codec, &change->name);
        codec_text(codec, &change->a);
        codec_text(codec, &change->b);
        codec_bool(codec, &change->has_a);
        codec_bool(codec, &change->has_b);
    }
}

static void code_functions(struct codec *codec, struct diff_functions *list)
{
    codec_array(codec, &list->items, &list->count, 48, sizeof(*list->items));
    for (size_t i = 0; i < list->count; i++) {
        struct diff_function *function = &list->items[i];
        codec_text(codec, &function->name);
        codec_text(codec, &function->file);
        codec_u64(codec, &function->line);
        codec_u64(codec, &function->address_a);
        codec_u64(codec, &function->size_a);
        codec_u64(codec, &function->address_b);
        codec_u64(codec, &function->size_b);
    }
    codec_u64(codec, &list->total);
}

static void code_all_functions(struct codec *codec, struct diff *diff)
{
    codec_text(codec, &diff->functions_how);
    code_functions(codec, &diff->changed);
    code_functions(codec, &diff->added);
    code_functions(codec, &diff->removed_functions);
    code_functions(codec, &diff->moved);
    codec_u64(codec, &diff->functions_a);
    codec_u64(codec, &diff->functions_b);
    codec_u64(codec, &diff->functions_equal);
    codec_u64(codec, &diff->functions_shifted);
}

static void code_strings(struct codec *codec, struct diff *diff)
{
    codec_array(codec, &diff->strings, &diff->string_count, 22, sizeof(*diff->strings));
    for (size_t i = 0; i < diff->string_count; i++) {
        struct diff_string *string = &diff->strings[i];
        codec_text(codec, &string->kind);
        codec_text(codec, &string->name);
        codec_text(codec, &string->part);
        codec_text(codec, &string->a);
        codec_text(codec, &string->b);
        codec_bool(codec, &string->has_a);
        codec_bool(codec, &string->has_b);
    }
    codec_u64(codec, &diff->string_total);
    codec_array(codec, &diff->hex, &diff->hex_count, 28, sizeof(*diff->hex));
    for (size_t i = 0; i < diff->hex_count; i++) {
        struct diff_hex *hex = &diff->hex[i];
        codec_text(codec, &hex->part);
        codec_u64(codec, &hex->offset_a);
        codec_u64(codec, &hex->offset_b);
        codec_bytes(codec, &hex->a);
        codec_bytes(codec, &hex->b);
        codec_require(codec, hex->a.len <= DIFF_HEX_BYTES && hex->b.len <= DIFF_HEX_BYTES);
    }
}

static void code_embedded_side(struct codec *codec, struct diff_embedded_side *side)
{
    codec_u64(codec, &side->size);
    codec_sha256(codec, &side->sha256);
    codec_bool(codec, &side->whole);
    codec_u64(codec, &side->offset);
    codec_u64(codec, &side->hash_offset);
}

static void code_embedded(struct codec *codec, struct diff *diff)
{
    codec_array(codec, &diff->embedded, &diff->embedded_count, 123, sizeof(*diff->embedded));
    for (size_t i = 0; i < diff->embedded_count; i++) {
        struct diff_embedded *item = &diff->embedded[i];
        codec_text(codec, &item->name);
        codec_text(codec, &item->variable);
        codec_byte(codec, &item->state, DIFF_ONLY_B);
        code_embedded_side(codec, &item->a);
        code_embedded_side(codec, &item->b);
    }
    codec_u64(codec, &diff->embedded_total);
}

static void code_slice(struct codec *codec, struct diff *diff)
{
    codec_text(codec, &diff->name);
    codec_byte(codec, &diff->verdict, DIFF_IDENTICAL);
    code_side(codec, &diff->a);
    code_side(codec, &diff->b);
    code_causes(codec, diff);
    codec_u64(codec, &diff->differing);
    codec_u64(codec, &diff->first_difference);
    code_parts(codec, diff);
    code_changes(codec, diff);
    code_all_functions(codec, diff);
    code_strings(codec, diff);
    code_embedded(codec, diff);
}

static void code_record(struct codec *codec, struct diff_record *record)
{
    struct diff_result *result = &record->result;
    codec_bool(codec, &record->ok);
    if (!record->ok) {
        codec_error(codec, &record->error);
        return;
    }
    codec_byte(codec, &result->verdict, DIFF_IDENTICAL);
    codec_u64(codec, &result->size_a);
    codec_u64(codec, &result->size_b);
    codec_array(codec, &result->slices, &result->slice_count, 200, sizeof(*result->slices));
    for (size_t i = 0; i < result->slice_count; i++) {
        code_slice(codec, &result->slices[i]);
    }
}

void diff_record_encode(const struct diff_record *record, struct buffer *out)
{
    struct codec codec = codec_encoder(out);
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
    struct codec codec = codec_decoder(bytes, arena);
    struct diff_record record = {0};
    code_record(&codec, &record);
    if (!codec_done(&codec) || (record.ok && !is_sound(&record.result))) {
        return error_set(err, ERROR_FORMAT, "the comparing process gave a damaged answer");
    }
    *ret = record;
    return true;
}
