// SPDX-License-Identifier: Apache-2.0
/* The binary tests of the WebAssembly test suite, where they are at hand. */
#include <ctype.h>

#include "tests/unit/unit.h"
#include "verifier/image/image.h"

struct tally {
    size_t good, read, malformed, refused;
};

/* Blanks out ";; ..." and "(; ... ;)" outside of strings. */
static void strip_comments(char *text)
{
    bool in_string = false;
    for (char *place = text; *place != '\0'; place++) {
        if (in_string && *place == '\\') {
            place++;
        } else if (*place == '"') {
            in_string = !in_string;
        } else if (!in_string && strncmp(place, ";;", 2) == 0) {
            memset(place, ' ', strcspn(place, "\n"));
        } else if (!in_string && strncmp(place, "(;", 2) == 0) {
            const char *end = strstr(place, ";)");
            assert_non_null(end);
            memset(place, ' ', (size_t)(end + 2 - place));
        }
    }
}

/* The bytes of the strings up to the closing parenthesis. */
static size_t read_strings(const char **text, uint8_t *room)
{
    size_t len = 0;
    bool in_string = false;
    for (; in_string || **text != ')'; (*text)++) {
        unsigned value;
        if (**text == '"') {
            in_string = !in_string;
        } else if (in_string && **text == '\\' && sscanf(*text + 1, "%2x", &value) == 1) {
            room[len++] = (uint8_t)value;
            *text += 2;
        } else if (in_string) {
            room[len++] = (uint8_t) * *text;
        }
    }
    return len;
}

static bool module_opens(const uint8_t *room, size_t len, struct error *err)
{
    /* An exact-size copy, so that a sanitizer sees a read past it. */
    uint8_t *exact = malloc(len == 0 ? 1 : len);
    assert_non_null(exact);
    memcpy(exact, room, len);
    struct source source = source_from_bytes(bytes_from(exact, len));
    struct arena arena = {0};
    struct image image;
    bool ok = image_open(&source, &arena, &image, err);
    arena_free(&arena);
    free(exact);
    return ok;
}

static bool follows(const char *text, const char *place, const char *word)
{
    while (place > text && isspace((unsigned char)place[-1])) {
        place--;
    }
    size_t len = strlen(word);
    return (size_t)(place - text) >= len && strncmp(place - len, word, len) == 0;
}

static void run_modules(const char *name, const char *text, uint8_t *room, struct tally *tally)
{
    const char *place = text;
    while ((place = strstr(place, "(module")) != NULL) {
        bool malformed = follows(text, place, "(assert_malformed");
        size_t head = strcspn(place, "\")");
        bool binary = memmem(place, head, "binary", 6) != NULL;
        place += head;
        if (!binary) {
            continue;
        }
        struct error err = {0};
        bool ok = module_opens(room, read_strings(&place, room), &err);
        tally->malformed += malformed;
        tally->refused += malformed && !ok;
        tally->good += !malformed;
        tally->read += !malformed && ok;
        if (!malformed && !ok) {
            fprintf(stderr, "# %s at byte %td: %s\n", name, place - text, err.message);
        }
    }
}

static void run_file(const char *folder, const char *name, struct tally *tally)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s.wast", folder, name);
    struct bytes file = file_load(path);
    char *text = malloc(file.len + 1);
    uint8_t *room = malloc(file.len + 1);
    assert_true(text != NULL && room != NULL);
    memcpy(text, file.data, file.len);
    text[file.len] = '\0';
    strip_comments(text);
    run_modules(name, text, room, tally);
    free(room);
    free(text);
    free((void *)(uintptr_t)file.data);
}

/* Modules that are malformed in a section which is not read (code, elements, types) are opened:
 * there it is enough that they are passed over within bounds. */
static void reads_every_good_module_of_the_suite(void **state)
{
    (void)state;
    static const char *const names[] = {"binary", "binary0", "binary-leb128", "custom",
                                        "utf8-custom-section-id"};
    char folder[512];
    if (!corpus_find("wasm-testsuite-binary", folder, sizeof(folder))) {
        skip();
    }
    struct tally tally = {0};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        run_file(folder, names[i], &tally);
    }
    printf("# %zu of %zu good modules read, %zu of %zu malformed ones refused\n", tally.read,
           tally.good, tally.refused, tally.malformed);
    assert_int_equal(tally.good, tally.read);
    assert_true(tally.good > 50 && tally.malformed > 300);
    assert_true(tally.refused > tally.malformed * 3 / 4);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads_every_good_module_of_the_suite),
};

UNIT_MAIN(tests)
