// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/strings.h"

#include "base/limits.h"
#include "verifier/compare/x_values.h"

/* A text shorter than this may be chance. */
#define SHORTEST 4
/* How far around a difference its text is looked for. */
#define AROUND 128

struct builder {
    const struct image *images[2];
    struct arena *arena;
    struct diff *diff;
    size_t capacity;
};

static void add(struct builder *builder, struct diff_string string)
{
    struct diff *diff = builder->diff;
    if (diff->string_total++ >= LIMIT_DIFF_STRINGS) {
        return;
    }
    string.has_a = string.a != NULL;
    string.has_b = string.b != NULL;
    string.a = string.has_a ? string.a : "";
    string.b = string.has_b ? string.b : "";
    arena_grow(builder->arena, &diff->strings, diff->string_count, &builder->capacity,
               sizeof(*diff->strings));
    diff->strings[diff->string_count++] = string;
}

/* True if a value of -X was shown that says the same. */
static bool is_told(const struct diff *diff, const char *a, const char *b)
{
    for (size_t i = 0; i < diff->string_count; i++) {
        const struct diff_string *string = &diff->strings[i];
        if (strcmp(string->a, a) == 0 && strcmp(string->b, b) == 0) {
            return true;
        }
    }
    return false;
}

static void add_value(struct builder *builder, const char *name, const char *a, const char *b)
{
    if (a == NULL || b == NULL || strcmp(a, b) != 0) {
        add(builder,
            (struct diff_string){.kind = "x-value", .name = name, .part = ".data", .a = a, .b = b});
    }
}

/* Values with names, or with slots: what both lists are sorted by. */
static int order(const struct x_value *a, const struct x_value *b, bool named)
{
    return named ? strcmp(a->name, b->name) : (a->slot > b->slot) - (a->slot < b->slot);
}

/* Without a name the other side's text in the same place is looked up: a variable without -X. */
static const char *other_side(struct builder *builder, size_t side, const struct x_value *value,
                              bool named)
{
    return named ? NULL : x_value_at(builder->images[side], value->slot, builder->arena);
}

static void compare_values(struct builder *builder)
{
    struct x_value *values[2];
    size_t counts[2];
    bool named[2];
    for (size_t i = 0; i < 2; i++) {
        if (!x_values_read(builder->images[i], builder->arena, &values[i], &counts[i], &named[i])) {
            return;
        }
    }
    if (named[0] != named[1]) {
        return;
    }
    size_t i = 0;
    size_t k = 0;
    while (i < counts[0] || k < counts[1]) {
        const struct x_value *a = &values[0][i];
        const struct x_value *b = &values[1][k];
        int which = i == counts[0] ? 1 : k == counts[1] ? -1 : order(a, b, named[0]);
        if (which == 0) {
            add_value(builder, a->name, a->value, b->value);
        } else if (which < 0) {
            add_value(builder, a->name, a->value, other_side(builder, 1, a, named[0]));
        } else {
            add_value(builder, b->name, other_side(builder, 0, b, named[0]), b->value);
        }
        i += which <= 0 ? 1 : 0;
        k += which >= 0 ? 1 : 0;
    }
}

static bool is_printable(uint8_t c)
{
    return c >= ' ' && c < 0x7f;
}

/* The printable run of the bytes around FROM to TO; NULL if there is none that is long enough. */
static const char *run_around(struct bytes bytes, size_t from, size_t to, struct arena *arena)
{
    while (from < to && !is_printable(bytes.data[from])) {
        from++;
    }
    size_t end = from;
    while (from > 0 && is_printable(bytes.data[from - 1])) {
        from--;
    }
    while (end < bytes.len && is_printable(bytes.data[end])) {
        end++;
    }
    return end - from < SHORTEST ? NULL
                                 : arena_text(arena, bytes_from(bytes.data + from, end - from));
}

static const char *text_of(struct builder *builder, size_t side, uint64_t start, uint64_t end,
                           const struct byte_range *at)
{
    uint8_t raw[3 * AROUND];
    uint64_t before = at->offset - start < AROUND ? at->offset - start : AROUND;
    uint64_t length = at->length < AROUND ? at->length : AROUND;
    uint64_t from = at->offset - before;
    uint64_t left = end - from;
    size_t len =
        left < before + length + AROUND ? (size_t)left : (size_t)(before + length + AROUND);
    if (!source_read(&builder->images[side]->source, from, raw, len, NULL)) {
        return NULL;
    }
    return run_around(bytes_from(raw, len), (size_t)before, (size_t)(before + length),
                      builder->arena);
}

/* Texts at the differences of a part that has the same size in both: nothing shifted in there. */
static void compare_texts(struct builder *builder, const struct diff_part *part)
{
    for (size_t i = 0; i < part->range_count; i++) {
        struct byte_range a = part->ranges[i];
        struct byte_range b = {a.offset - part->offset_a + part->offset_b, a.length};
        const char *left = text_of(builder, 0, part->offset_a, part->offset_a + part->size_a, &a);
        const char *right = text_of(builder, 1, part->offset_b, part->offset_b + part->size_b, &b);
        if (left != NULL && right != NULL && strcmp(left, right) != 0 &&
            !is_told(builder->diff, left, right)) {
            add(builder,
                (struct diff_string){
                    .kind = "string", .name = "", .part = part->name, .a = left, .b = right});
        }
    }
}

void strings_compare(const struct image *a, const struct image *b, struct arena *arena,
                     struct diff *ret)
{
    struct builder builder = {.images = {a, b}, .arena = arena, .diff = ret};
    if (a->format == b->format && a->pointer_size == b->pointer_size) {
        compare_values(&builder);
    }
    for (size_t i = 0; i < ret->part_count; i++) {
        const struct diff_part *part = &ret->parts[i];
        if (part->state == DIFF_CHANGED && part->size_a == part->size_b &&
            strcmp(part->role, "data") == 0) {
            compare_texts(&builder, part);
        }
    }
}
