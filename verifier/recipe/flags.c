// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/flags.h"

#include "base/buffer.h"
#include "base/digest.h"
#include "base/scanner.h"
#include "verifier/recipe/limits.h"

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool has_nul(struct bytes text)
{
    return text.len > 0 && memchr(text.data, 0, text.len) != NULL;
}

/* The next field at *POSITION, which is no white space. */
static bool next_field(struct bytes text, size_t *position, struct bytes *ret, struct error *err)
{
    size_t start = *position, end = start;
    uint8_t quote = text.data[start];
    if (quote != '\'' && quote != '"') {
        while (end < text.len && !is_space(text.data[end])) {
            end++;
        }
        *ret = bytes_from(text.data + start, end - start);
        *position = end;
        return true;
    }
    for (end = start + 1; end < text.len && text.data[end] != quote; end++) {
    }
    if (end == text.len) {
        return error_set(err, ERROR_FORMAT, "unterminated %c at byte %zu of the flags", quote,
                         start);
    }
    *ret = bytes_from(text.data + start + 1, end - start - 1);
    *position = end + 1;
    return true;
}

bool flags_split(struct bytes text, struct arena *arena, const char ***ret, size_t *ret_count,
                 struct error *err)
{
    const char **flags = NULL;
    size_t count = 0, capacity = 0, position = 0;
    if (text.len > RECIPE_LIMIT_FLAGS_BYTES) {
        return error_set(err, ERROR_LIMIT, "flags of %zu bytes: at most %u are taken", text.len,
                         RECIPE_LIMIT_FLAGS_BYTES);
    }
    if (has_nul(text)) {
        return error_set(err, ERROR_FORMAT, "a NUL in the flags");
    }
    for (;;) {
        while (position < text.len && is_space(text.data[position])) {
            position++;
        }
        if (position == text.len) {
            break;
        }
        struct bytes field;
        if (count == RECIPE_LIMIT_FLAGS) {
            return error_set(err, ERROR_LIMIT, "more than %d flags", RECIPE_LIMIT_FLAGS);
        }
        if (!next_field(text, &position, &field, err)) {
            return false;
        }
        arena_grow(arena, &flags, count, &capacity, sizeof(*flags));
        flags[count++] = arena_text(arena, field);
    }
    *ret = flags;
    *ret_count = count;
    return true;
}

/* The quote that FLAG needs: 0 for none, -1 if no quote will do. */
static int quote_for(const char *flag)
{
    bool space = flag[0] == '\0', one = false, two = false;
    for (const char *c = flag; *c != '\0'; c++) {
        space = space || is_space((uint8_t)*c);
        one = one || *c == '\'';
        two = two || *c == '"';
    }
    /* Inside a field quotes do not count, at its start they do; Go's own Join quotes both. */
    if (!space && !one && !two) {
        return 0;
    }
    return !one ? '\'' : !two ? '"' : -1;
}

bool flags_join(const char *const *flags, size_t count, struct arena *arena, const char **ret,
                struct error *err)
{
    struct buffer text;
    buffer_init(&text, RECIPE_LIMIT_FLAGS_BYTES);
    bool possible = true;
    for (size_t i = 0; i < count && possible; i++) {
        int quote = quote_for(flags[i]);
        possible = quote >= 0;
        buffer_string(&text, i == 0 ? "" : " ");
        buffer_printf(&text, "%s%s%s",
                      quote == '"'    ? "\""
                      : quote == '\'' ? "'"
                                      : "",
                      flags[i],
                      quote == '"'    ? "\""
                      : quote == '\'' ? "'"
                                      : "");
        if (!possible) {
            error_set(err, ERROR_FORMAT, "flag with both kinds of quotes: %.200s", flags[i]);
        }
    }
    if (possible && !buffer_ok(&text)) {
        possible =
            error_set(err, ERROR_LIMIT, "flags of more than %u bytes", RECIPE_LIMIT_FLAGS_BYTES);
    }
    if (possible) {
        *ret = arena_text(arena, buffer_view(&text));
    }
    buffer_free(&text);
    return possible;
}

bool flags_split_pattern(struct bytes text, struct arena *arena, const char **ret_pattern,
                         const char ***ret, size_t *ret_count, struct error *err)
{
    struct bytes trimmed = scan_trimmed(text), before = {0}, behind = trimmed;
    if (trimmed.len > 0 && trimmed.data[0] != '-') {
        if (!scan_cut(trimmed, '=', &before, &behind) || before.len == 0 ||
            before.data[0] == '\'' || before.data[0] == '"') {
            return error_set(err, ERROR_FORMAT,
                             "flags begin neither with - nor with a pattern and =");
        }
    }
    if (!flags_split(behind, arena, ret, ret_count, err)) {
        return false;
    }
    *ret_pattern = arena_text(arena, scan_trimmed(before));
    return true;
}

bool flags_join_ldflags(const char *const *flags, size_t count, struct arena *arena,
                        const char **ret, struct error *err)
{
    const char *text;
    if (!flags_join(flags, count, arena, &text, err)) {
        return false;
    }
    /* Go takes what does not begin with '-' for a pattern; "all" is one that fits. The text is
     * neither hashed nor recorded in that case (a trimmed build), the flags are. */
    *ret = text[0] == '\0' || text[0] == '-' ? text : arena_printf(arena, "all=%s", text);
    return true;
}

bool flags_tags_are_valid(struct bytes tags)
{
    if (tags.len > RECIPE_LIMIT_TAGS_BYTES) {
        return false;
    }
    for (size_t i = 0; i < tags.len; i++) {
        uint8_t c = tags.data[i];
        if (c <= ' ' || c >= 0x7f || c == '"' || c == '\'' || c == '\\') {
            return false;
        }
    }
    return true;
}

static const char **list_of(struct arena *arena, const char *const *flags, size_t count)
{
    const char **list = ARENA_ARRAY(arena, count, const char *);
    for (size_t i = 0; i < count; i++) {
        list[i] = flags[i];
    }
    return list;
}

static void add_order(struct flags_orders *orders, struct arena *arena, const char *first,
                      const char *second, bool no_buildid, const char *note)
{
    const char *flags[6];
    size_t count = 0;
    if (first != NULL) {
        flags[count++] = first;
    }
    if (second != NULL) {
        flags[count++] = second;
    }
    if (no_buildid) {
        flags[count++] = "-buildid=";
    }
    if (note[0] != '\0') {
        flags[count++] = "-B";
        flags[count++] = note;
    }
    orders->orders[orders->count] = list_of(arena, flags, count);
    orders->counts[orders->count++] = count;
}

/* True if the GNU note is what the linker makes of the Go build ID that it was given, whose last
 * part was then a copy of the first: its SHA-256, with the first byte inverted since Go 1.24 and
 * all of them before (cmd/link/internal/ld, addbuildinfo; cmd/internal/notsha256). */
static bool note_follows_from_build_id(const struct traits *traits, struct arena *arena)
{
    const char *given = traits->parts[0][0] == '\0'
                            ? traits->build_id
                            : arena_printf(arena, "%s/%s/%s/%s", traits->parts[0], traits->parts[1],
                                           traits->parts[2], traits->parts[0]);
    struct sha256 digest = sha256_of(bytes_from_string(given));
    char hex[SHA256_HEX_LEN + 1];
    bool follows = false;
    size_t len = strlen(traits->gnu_build_id);
    for (size_t i = 0; i < SHA256_LEN && !follows; i++) {
        digest.bytes[i] ^= 0xff;
        sha256_hex(&digest, hex);
        /* After the first byte, and after the last. */
        follows = (i == 0 || i + 1 == SHA256_LEN) && len <= SHA256_HEX_LEN &&
                  strncmp(hex, traits->gnu_build_id, len) == 0;
    }
    return follows;
}

/* What -B was, as far as the file shows it. The linker of others has notes of its own. */
static const char *note_of(const struct inspection *file, const struct go_version *go,
                           struct arena *arena)
{
    const struct traits *traits = &file->traits;
    bool has_id = traits->build_id[0] != '\0';
    if (file->format != IMAGE_ELF || traits->external_link) {
        return "";
    }
    if (traits->gnu_build_id != NULL && traits->gnu_build_id[0] != '\0') {
        if (has_id && note_follows_from_build_id(traits, arena)) {
            return go->minor >= 24 ? "" : "gobuildid";
        }
        return arena_printf(arena, "0x%s", traits->gnu_build_id);
    }
    /* Only where the file is as the linker left it: strip and objcopy take the note away too. */
    bool none = has_id && go->minor >= 24 && !traits->host_build_id &&
                traits->linker_hash == LINKER_HASH_MATCH;
    return none ? "none" : "";
}

void flags_orders_from_traits(const struct inspection *file, const struct go_version *go,
                              struct arena *arena, struct flags_orders *ret)
{
    const struct traits *traits = &file->traits;
    struct flags_orders orders = {0};
    bool no_buildid = traits->build_id[0] == '\0';
    orders.note = note_of(file, go, arena);
    if (traits->symbol_table && traits->dwarf) {
        add_order(&orders, arena, NULL, NULL, no_buildid, orders.note);
        orders.evidence = "neither -s nor -w: the file has a symbol table and debug information";
    } else if (traits->symbol_table) {
        add_order(&orders, arena, "-w", NULL, no_buildid, orders.note);
        orders.evidence = "-w read off the file: a symbol table, no debug information";
    } else if (traits->dwarf) {
        add_order(&orders, arena, "-s", NULL, no_buildid, orders.note);
        orders.evidence = "-s read off the file: debug information, no symbol table";
    } else {
        add_order(&orders, arena, "-s", "-w", no_buildid, orders.note);
        orders.evidence = "-s -w read off the file: no symbol table, no debug information";
        /* Without a build ID the order of flags leaves no trace. */
        if (!no_buildid) {
            add_order(&orders, arena, "-w", "-s", no_buildid, orders.note);
            add_order(&orders, arena, "-s", NULL, no_buildid, orders.note);
        }
    }
    *ret = orders;
}
