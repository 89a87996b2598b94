// SPDX-License-Identifier: Apache-2.0
#include "base/encode.h"
#include "base/json_write.h"
#include "verifier/report/diff_report.h"
#include "verifier/report/json_ranges.h"

static void write_optional(struct json_writer *json, const char *key, const char *text)
{
    json_string(json, key, text[0] == '\0' ? NULL : text);
}

static void write_side(struct json_writer *json, const char *key, const char *name,
                       const struct diff_side *side)
{
    static const char *const hashes[] = {"none", "match", "mismatch"};
    json_object(json, key);
    json_string(json, "name", name);
    json_uint(json, "size", side->size);
    json_string(json, "format", side->format);
    json_string(json, "platform", side->platform);
    write_optional(json, "go_version", side->go_version);
    write_optional(json, "path", side->path);
    json_string(json, "linker_hash", hashes[side->linker_hash]);
    json_string(json, "code_signature", side->signature);
    write_optional(json, "packer", side->packer);
    json_object_end(json);
}

static void write_causes(struct json_writer *json, const struct diff *diff)
{
    json_array(json, "cause");
    for (size_t i = 0; i < diff->cause_count; i++) {
        const struct diff_cause *cause = &diff->causes[i];
        json_object(json, NULL);
        json_string(json, "code", cause->code);
        json_string(json, "detail", cause->detail);
        write_optional(json, "evidence", cause->evidence);
        write_optional(json, "next", cause->next);
        json_object_end(json);
    }
    json_array_end(json);
    json_array(json, "removed");
    for (size_t i = 0; i < diff->removed_count; i++) {
        const struct diff_removed *removed = &diff->removed[i];
        json_object(json, NULL);
        json_string(json, "name", removed->name);
        json_uint(json, "version", removed->version);
        json_string(json, "how", removed->how);
        report_json_ranges(json, "ranges", removed->ranges_a, removed->count_a);
        report_json_ranges(json, "ranges_b", removed->ranges_b, removed->count_b);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_changes(struct json_writer *json, const struct diff *diff)
{
    json_object(json, "build_id");
    write_optional(json, "a", diff->a.build_id == NULL ? "" : diff->a.build_id);
    write_optional(json, "b", diff->b.build_id == NULL ? "" : diff->b.build_id);
    json_object_end(json);
    json_array(json, "build_information");
    for (size_t i = 0; i < diff->change_count; i++) {
        const struct diff_change *change = &diff->changes[i];
        json_object(json, NULL);
        json_string(json, "kind", change->kind);
        write_optional(json, "name", change->name);
        json_string(json, "a", change->has_a ? change->a : NULL);
        json_string(json, "b", change->has_b ? change->b : NULL);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_part(struct json_writer *json, const struct diff_part *part)
{
    static const char *const states[] = {"equal", "changed", "only-a", "only-b"};
    json_object(json, NULL);
    json_string(json, "name", part->name);
    json_string(json, "role", part->role);
    json_string(json, "state", states[part->state]);
    json_uint(json, "offset", part->offset_a);
    json_uint(json, "size", part->size_a);
    json_uint(json, "offset_b", part->offset_b);
    json_uint(json, "size_b", part->size_b);
    json_uint(json, "differing_bytes", part->differing);
    report_json_ranges(json, "ranges", part->ranges, part->range_count);
    json_bool(json, "more_ranges", part->more_ranges);
    json_object_end(json);
}

static void write_list(struct json_writer *json, const char *key, const struct diff_functions *list)
{
    json_array(json, key);
    for (size_t i = 0; i < list->count; i++) {
        const struct diff_function *function = &list->items[i];
        json_object(json, NULL);
        json_string(json, "name", function->name);
        write_optional(json, "file", function->file);
        json_uint(json, "line", function->line);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_functions(struct json_writer *json, const struct diff *diff)
{
    json_object(json, "functions");
    write_list(json, "changed", &diff->changed);
    write_list(json, "added", &diff->added);
    write_list(json, "removed", &diff->removed_functions);
    write_list(json, "moved", &diff->moved);
    json_object(json, "counts");
    json_uint(json, "a", diff->functions_a);
    json_uint(json, "b", diff->functions_b);
    json_uint(json, "equal", diff->functions_equal);
    json_uint(json, "shifted", diff->functions_shifted);
    json_uint(json, "changed", diff->changed.total);
    json_uint(json, "added", diff->added.total);
    json_uint(json, "removed", diff->removed_functions.total);
    json_uint(json, "moved", diff->moved.total);
    json_object_end(json);
    write_optional(json, "compared", diff->functions_how);
    json_object_end(json);
}

static void write_embedded_side(struct json_writer *json, const char *key, bool present,
                                const struct diff_embedded_side *side)
{
    char hex[SHA256_HEX_LEN + 1];
    if (!present) {
        json_null(json, key);
        return;
    }
    sha256_hex(&side->sha256, hex);
    json_object(json, key);
    json_uint(json, "size", side->size);
    json_string(json, "sha256", hex);
    if (side->whole && side->size > 0) {
        json_uint(json, "offset", side->offset);
    } else {
        json_null(json, "offset");
    }
    json_object_end(json);
}

static void write_embedded(struct json_writer *json, const struct diff *diff)
{
    json_array(json, "embedded_files");
    for (size_t i = 0; i < diff->embedded_count; i++) {
        const struct diff_embedded *item = &diff->embedded[i];
        json_object(json, NULL);
        json_string(json, "name", item->name);
        write_optional(json, "variable", item->variable);
        write_embedded_side(json, "a", item->state != DIFF_ONLY_B, &item->a);
        write_embedded_side(json, "b", item->state != DIFF_ONLY_A, &item->b);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_strings(struct json_writer *json, const struct diff *diff)
{
    json_array(json, "strings");
    for (size_t i = 0; i < diff->string_count; i++) {
        const struct diff_string *string = &diff->strings[i];
        json_object(json, NULL);
        json_string(json, "kind", string->kind);
        write_optional(json, "name", string->name);
        json_string(json, "section", string->part);
        json_string(json, "a", string->has_a ? string->a : NULL);
        json_string(json, "b", string->has_b ? string->b : NULL);
        json_object_end(json);
    }
    json_array_end(json);
    json_uint(json, "string_count", diff->string_total);
}

static void write_hex(struct json_writer *json, const char *key, struct bytes bytes)
{
    char hex[2 * DIFF_HEX_BYTES + 1];
    encode_hex(bytes, hex);
    json_string(json, key, hex);
}

static void write_differences(struct json_writer *json, const struct diff *diff)
{
    json_array(json, "first_differences");
    for (size_t i = 0; i < diff->hex_count; i++) {
        const struct diff_hex *hex = &diff->hex[i];
        json_object(json, NULL);
        json_string(json, "section", hex->part);
        json_uint(json, "offset", hex->offset_a);
        json_uint(json, "offset_b", hex->offset_b);
        write_hex(json, "a", hex->a);
        write_hex(json, "b", hex->b);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_contents(struct json_writer *json, const struct diff *diff, const char *name_a,
                           const char *name_b)
{
    write_causes(json, diff);
    write_side(json, "a", name_a, &diff->a);
    write_side(json, "b", name_b, &diff->b);
    json_uint(json, "differing_bytes", diff->differing);
    json_uint(json, "first_difference", diff->first_difference);
    write_changes(json, diff);
    json_array(json, "sections");
    for (size_t i = 0; i < diff->part_count; i++) {
        if (diff->parts[i].state != DIFF_EQUAL) {
            write_part(json, &diff->parts[i]);
        }
    }
    json_array_end(json);
    write_functions(json, diff);
    write_strings(json, diff);
    write_embedded(json, diff);
    write_differences(json, diff);
}

void diff_json_member(struct json_writer *json, const char *key, const struct diff *diff,
                      const char *name_a, const char *name_b)
{
    json_object(json, key);
    json_string(json, "verdict", diff_verdict_name((enum diff_verdict)diff->verdict));
    write_contents(json, diff, name_a, name_b);
    json_object_end(json);
}

void diff_json(const struct diff_result *result, const struct diff_view *view, struct buffer *out)
{
    struct json_writer json;
    json_writer_init(&json, out, false);
    json_object(&json, NULL);
    json_string(&json, "schema", "reproof/diff/v1");
    json_object(&json, "tool");
    json_string(&json, "name", "reproof");
    json_string(&json, "version", view->tool_version);
    json_object_end(&json);
    json_uint(&json, "exit", (uint64_t)view->exit_code);
    json_string(&json, "verdict", diff_verdict_name((enum diff_verdict)result->verdict));
    json_bool(&json, "accepted", view->accepted);
    if (result->slice_count == 1 && result->slices[0].name[0] == '\0') {
        write_contents(&json, &result->slices[0], view->name_a, view->name_b);
        json_object_end(&json);
        return;
    }
    json_array(&json, "slices");
    for (size_t i = 0; i < result->slice_count; i++) {
        const struct diff *slice = &result->slices[i];
        json_object(&json, NULL);
        json_string(&json, "name", slice->name);
        json_string(&json, "verdict", diff_verdict_name((enum diff_verdict)slice->verdict));
        write_contents(&json, slice, view->name_a, view->name_b);
        json_object_end(&json);
    }
    json_array_end(&json);
    json_object_end(&json);
}
