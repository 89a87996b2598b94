// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/zip_rules.h"

#include <stdlib.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/fetch/unicode.h"

const struct zip_limits ZIP_MODULE_LIMITS = {
    .bytes = LIMIT_ZIP_BYTES, .unpacked = LIMIT_ZIP_UNPACKED, .entries = LIMIT_ZIP_ENTRIES};

/* A name as Go compares it, beside the name itself. FOLDED has '/' replaced by 0, which no name
 * holds: so everything beneath a directory sorts right behind the directory. */
struct folded_name {
    struct bytes name, folded;
    bool directory;
};

static bool is_allowed_character(unsigned character)
{
    if (character >= 0x80) {
        return unicode_is_letter(character);
    }
    return (character >= '0' && character <= '9') || unicode_is_letter(character) ||
           (character != 0 && strchr("!#$%&()+,-.=@[]^_{}~ ", (int)character) != NULL);
}

static bool is_reserved_on_windows(struct bytes element)
{
    static const char *const names[] = {
        "CON",  "PRN",  "AUX",  "NUL",  "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7",
        "COM8", "COM9", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9"};
    const uint8_t *dot = memchr(element.data, '.', element.len);
    size_t len = dot == NULL ? element.len : (size_t)(dot - element.data);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strlen(names[i]) == len &&
            strncasecmp((const char *)element.data, names[i], len) == 0) {
            return true;
        }
    }
    return false;
}

static const char *fault_of_element(struct bytes element)
{
    if (element.len == 0) {
        return "an empty element";
    }
    if (element.data[element.len - 1] == '.') {
        return "an element that ends in a dot";
    }
    for (size_t i = 0; i < element.len;) {
        unsigned character;
        size_t len = utf8_decode(bytes_from(element.data + i, element.len - i), &character);
        if (len == 0) {
            return "invalid UTF-8";
        }
        if (!is_allowed_character(character)) {
            return "a character that Go does not allow";
        }
        i += len;
    }
    return is_reserved_on_windows(element) ? "an element that Windows reserves" : NULL;
}

bool zip_file_path_check(struct bytes name, struct error *err)
{
    struct scanner scanner = scanner_over(name);
    struct bytes element;
    const char *fault = name.len == 0 || name.data[name.len - 1] == '/' ? "an empty element" : NULL;
    while (fault == NULL && scanner_field(&scanner, '/', name.len, &element)) {
        fault = fault_of_element(element);
    }
    if (fault == NULL) {
        return true;
    }
    char shown[300];
    escape_bytes(name, shown, sizeof(shown));
    return error_set(err, ERROR_FORMAT, "the file name \"%s\" has %s", shown, fault);
}

/* CHARACTER, which came from valid UTF-8, as UTF-8 in RET. */
static struct bytes encode_character(unsigned character, uint8_t ret[4])
{
    if (character < 0x80) {
        ret[0] = (uint8_t)character;
        return bytes_from(ret, 1);
    }
    size_t len = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 1; character >>= 6) {
        ret[i] = (uint8_t)(0x80 | (character & 0x3f));
    }
    ret[0] = (uint8_t)((0xf00 >> len & 0xf0) | character);
    return bytes_from(ret, len);
}

static struct bytes fold_name(struct bytes name, struct arena *arena)
{
    struct buffer folded;
    buffer_init(&folded, name.len);
    for (size_t i = 0; i < name.len;) {
        unsigned character;
        size_t len = utf8_decode(bytes_from(name.data + i, name.len - i), &character);
        if (character == '/') {
            buffer_byte(&folded, 0);
        } else {
            uint8_t encoded[4];
            buffer_append(&folded, encode_character(unicode_fold(character), encoded));
        }
        i += len;
    }
    struct bytes copy = arena_bytes(arena, buffer_view(&folded));
    buffer_free(&folded);
    return copy;
}

static int by_folded(const void *a, const void *b)
{
    const struct folded_name *left = a;
    const struct folded_name *right = b;
    size_t common = left->folded.len < right->folded.len ? left->folded.len : right->folded.len;
    int order = memcmp(left->folded.data, right->folded.data, common);
    return order != 0
               ? order
               : (left->folded.len > right->folded.len) - (left->folded.len < right->folded.len);
}

/* The length of the elements that A and B share once folded, and how many they are. */
static size_t shared_elements(const struct folded_name *a, const struct folded_name *b)
{
    size_t count = 0;
    for (size_t i = 0;; i++) {
        bool a_ends = i >= a->folded.len || a->folded.data[i] == 0;
        bool b_ends = i >= b->folded.len || b->folded.data[i] == 0;
        if (a_ends && b_ends) {
            count++;
        }
        if (a_ends != b_ends || i >= a->folded.len || i >= b->folded.len ||
            a->folded.data[i] != b->folded.data[i]) {
            return count;
        }
    }
}

/* Compares the first COUNT elements as written. */
static bool same_spelling(struct bytes a, struct bytes b, size_t count)
{
    struct scanner left = scanner_over(a);
    struct scanner right = scanner_over(b);
    struct bytes x, y;
    for (size_t i = 0; i < count; i++) {
        if (!scanner_field(&left, '/', a.len, &x) || !scanner_field(&right, '/', b.len, &y) ||
            !bytes_equal(x, y)) {
            return false;
        }
    }
    return true;
}

/* EARLIER sorts before LATER. */
static const char *fault_of_pair(const struct folded_name *earlier, const struct folded_name *later)
{
    size_t shared = shared_elements(earlier, later);
    if (!same_spelling(earlier->name, later->name, shared)) {
        return "differ in case only";
    }
    bool is_prefix = later->folded.len >= earlier->folded.len &&
                     memcmp(later->folded.data, earlier->folded.data, earlier->folded.len) == 0;
    if (!is_prefix) {
        return NULL;
    }
    if (later->folded.len == earlier->folded.len) {
        if (earlier->directory != later->directory) {
            return "are both a file and a directory";
        }
        return "stand there twice";
    }
    bool beneath = later->folded.data[earlier->folded.len] == 0;
    return beneath && !earlier->directory ? "are both a file and a directory" : NULL;
}

/* In sorted order, names that collide in any directory above them are neighbours. */
static bool check_collisions(struct folded_name *names, size_t count, struct error *err)
{
    qsort(names, count, sizeof(*names), by_folded);
    for (size_t i = 1; i < count; i++) {
        const char *fault = fault_of_pair(&names[i - 1], &names[i]);
        if (fault != NULL) {
            char first[300];
            char second[300];
            escape_bytes(names[i - 1].name, first, sizeof(first));
            escape_bytes(names[i].name, second, sizeof(second));
            return error_set(err, ERROR_FORMAT, "\"%s\" and \"%s\" %s", first, second, fault);
        }
    }
    return true;
}

static bool equal_but_for_case(struct bytes text, const char *other)
{
    return text.len == strlen(other) && strncasecmp((const char *)text.data, other, text.len) == 0;
}

static bool check_file(const struct zip_entry *entry, struct bytes name, struct error *err)
{
    struct bytes directory;
    struct bytes base = name;
    bool below = scan_cut_last(name, '/', &directory, &base);
    if (equal_but_for_case(base, "go.mod") && (below || !bytes_equal_string(base, "go.mod"))) {
        return error_set(err, ERROR_FORMAT, "a go.mod file below the root or not in lower case");
    }
    if ((bytes_equal_string(name, "go.mod") || bytes_equal_string(name, "LICENSE")) &&
        entry->size > LIMIT_ZIP_GO_MOD) {
        return error_set(err, ERROR_LIMIT, "%llu bytes are more than the %llu allowed",
                         (unsigned long long)entry->size, (unsigned long long)LIMIT_ZIP_GO_MOD);
    }
    return true;
}

/* Sets RET_NAME to the entry's name below PREFIX, without a final '/'; empty for the root. */
static bool check_entry(const struct zip_entry *entry, const char *prefix, struct bytes *ret_name,
                        struct error *err)
{
    size_t lead = strlen(prefix);
    if (!bytes_start_with(entry->name, prefix)) {
        return error_set(err, ERROR_FORMAT, "its name does not begin with \"%s\"", prefix);
    }
    struct bytes name = bytes_from(entry->name.data + lead, entry->name.len - lead);
    if (name.len > 0 && entry->directory) {
        name.len--;
    }
    if (name.len > 0 &&
        (!zip_file_path_check(name, err) || (!entry->directory && !check_file(entry, name, err)))) {
        return false;
    }
    *ret_name = name;
    return true;
}

bool zip_rules_check(const struct zip_directory *directory, const char *prefix, struct arena *arena,
                     struct error *err)
{
    struct folded_name *names = ARENA_ARRAY(arena, directory->count, struct folded_name);
    size_t count = 0;
    for (size_t i = 0; i < directory->count; i++) {
        const struct zip_entry *entry = &directory->entries[i];
        struct bytes name;
        if (!check_entry(entry, prefix, &name, err)) {
            char shown[300];
            escape_bytes(entry->name, shown, sizeof(shown));
            return error_prefix(err, "entry \"%s\"", shown);
        }
        if (name.len > 0) {
            names[count++] = (struct folded_name){
                .name = name, .folded = fold_name(name, arena), .directory = entry->directory};
        }
    }
    return check_collisions(names, count, err);
}
