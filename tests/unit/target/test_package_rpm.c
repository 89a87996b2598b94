// SPDX-License-Identifier: Apache-2.0
#include "base/buffer.h"
#include "tests/unit/unit.h"
#include "verifier/target/package_rpm.h"

static struct arena arena;
static struct buffer out;

static int begin(void **state)
{
    (void)state;
    buffer_init(&out, 4096);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    buffer_free(&out);
    arena_free(&arena);
    return 0;
}

static void put_u32(uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        buffer_byte(&out, (uint8_t)(value >> shift));
    }
}

static void put_header(uint32_t count, uint32_t bytes)
{
    buffer_append(&out, BYTES("\x8e\xad\xe8\x01\0\0\0\0"));
    put_u32(count);
    put_u32(bytes);
}

struct entry {
    uint32_t tag, type, offset;
};

/* A lead, an empty signature, and ENTRIES over a store of "tool\0001.2.3\0003.fc41\000x86_64\0" and
 * the epoch 2. */
static struct bytes package_of(const struct entry *entries, uint32_t count)
{
    static const char store[] = "tool\0"
                                "1.2.3\0"
                                "3.fc41\0"
                                "x86_64\0"
                                "\0\0\0\2";
    buffer_clear(&out);
    buffer_append(&out, BYTES("\xed\xab\xee\xdb"));
    for (int i = 4; i < 96; i++) {
        buffer_byte(&out, 0);
    }
    put_header(0, 0);
    put_header(count, sizeof(store) - 1);
    for (uint32_t i = 0; i < count; i++) {
        put_u32(entries[i].tag);
        put_u32(entries[i].type);
        put_u32(entries[i].offset);
        put_u32(1);
    }
    buffer_append(&out, bytes_from(store, sizeof(store) - 1));
    return buffer_view(&out);
}

static const struct entry good[] = {{63, 7, 0},    {1000, 6, 0},  {1001, 6, 5},
                                    {1002, 6, 11}, {1003, 4, 25}, {1022, 6, 18}};

static void reads_what_the_header_says(void **state)
{
    (void)state;
    struct package package;
    assert_true(package_parse_rpm(package_of(good, ARRAY_LEN(good)), &arena, &package));
    assert_string_equal(package.name, "tool");
    assert_string_equal(package.version, "1.2.3-3.fc41");
    assert_string_equal(package_purl(&package, &arena),
                        "pkg:rpm/tool@1.2.3-3.fc41?arch=x86_64&epoch=2");
}

static void refuses_every_cut(void **state)
{
    (void)state;
    struct package package;
    struct bytes whole = package_of(good, ARRAY_LEN(good));
    for (size_t len = 0; len < whole.len; len++) {
        assert_false(package_parse_rpm(bytes_first(whole, len), &arena, &package));
    }
}

static void refuses_offsets_types_and_repetitions(void **state)
{
    (void)state;
    struct package package;
    static const struct entry bad[] = {{1000, 6, 29}, {1000, 6, 0xffffffff}, {1000, 8, 0},
                                       {1022, 6, 18}, {1003, 4, 26},         {1003, 4, 0xfffffffe}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct entry entries[ARRAY_LEN(good)];
        memcpy(entries, good, sizeof(good));
        entries[bad[i].tag == 1003 ? 4 : 1] = bad[i];
        assert_false(package_parse_rpm(package_of(entries, ARRAY_LEN(good)), &arena, &package));
    }
    assert_false(package_parse_rpm(package_of(good, 4), &arena, &package));
}

static void refuses_names_that_are_none(void **state)
{
    (void)state;
    struct package package;
    struct bytes whole = package_of(good, ARRAY_LEN(good));
    uint8_t *store = (uint8_t *)(uintptr_t)whole.data + whole.len - 29;
    store[1] = '\x1b';
    assert_false(package_parse_rpm(whole, &arena, &package));
    store[0] = '\0';
    assert_false(package_parse_rpm(whole, &arena, &package));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, drop)
static const struct CMUnitTest tests[] = {
    CASE(reads_what_the_header_says),
    CASE(refuses_every_cut),
    CASE(refuses_offsets_types_and_repetitions),
    CASE(refuses_names_that_are_none),
};

UNIT_MAIN(tests)
