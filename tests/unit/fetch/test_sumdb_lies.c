// SPDX-License-Identifier: Apache-2.0
/* Replies, tiles and heads that lie are refused. */

#include "tests/unit/fetch/sumdb_world.h"
#include "verifier/fetch/sumdb_reply.h"
#include "verifier/fetch/tile.h"

static bool look_up_replaced(struct world *world, const char *reply)
{
    world->fake.replace_path = "/lookup/" FAKE_MODULE "@v1.0.5";
    world->fake.replacement = bytes_from_string(reply);
    fake_cache_clear(&world->fake);
    bool good = world_look_up(world, 5);
    assert_int_equal(good, fake_find_cached(&world->fake, "lookup/" FAKE_MODULE "@v1.0.5") != NULL);
    return good;
}

static const char *reply_with(struct world *world, const char *id, const char *record)
{
    return arena_printf(&world->arena, "%s\n%s\n%s", id, record,
                        fake_head(&world->fake, WORLD_SIZE).data);
}

/* CVE-2026-42501: no line for the module. */
static void a_reply_without_the_module_is_refused(void **state)
{
    struct world *world = *state;
    const char *head = (const char *)fake_head(&world->fake, WORLD_SIZE).data;
    assert_fails(look_up_replaced(world, ""), &world->err, ERROR_UNTRUSTED, "@v1.0.5");
    assert_fails(look_up_replaced(world, "5\n"), &world->err, ERROR_UNTRUSTED, "@v1.0.5");
    assert_fails(look_up_replaced(world, "5\n\n"), &world->err, ERROR_UNTRUSTED, "@v1.0.5");
    assert_fails(look_up_replaced(world, head), &world->err, ERROR_UNTRUSTED, "@v1.0.5");
    assert_fails(look_up_replaced(world, arena_printf(&world->arena, "5\n\n%s", head)), &world->err,
                 ERROR_UNTRUSTED, "@v1.0.5");
    const char *other = (const char *)fake_record(&world->fake, 6).data;
    assert_fails(look_up_replaced(world, reply_with(world, "6", other)), &world->err,
                 ERROR_UNTRUSTED, "not the two lines for this module");
    assert_fails(look_up_replaced(world, reply_with(world, "5", other)), &world->err,
                 ERROR_UNTRUSTED, "not in the checksum database's tree");
}

/* CVE-2026-56864: lines that nobody signed, before, between and behind. */
static void unsigned_lines_are_refused(void **state)
{
    struct world *world = *state;
    const char *record = (const char *)fake_record(&world->fake, 5).data;
    const char *head = (const char *)fake_head(&world->fake, WORLD_SIZE).data;
    const char *extra = FAKE_MODULE " v1.0.5 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    struct arena *arena = &world->arena;
    const char *replies[] = {
        arena_printf(arena, "5\n%s%s\n%s", extra, record, head),
        arena_printf(arena, "5\n%s%s\n%s", record, extra, head),
        arena_printf(arena, "5\n%s\n%s\n%s", record, extra, head),
        arena_printf(arena, "5\n%s\n%s%s", record, head, extra),
        arena_printf(arena, "5\n%s\n%s\n%s", record, head, extra),
        arena_printf(arena, "5\n%s\n%s\n%s\n", record, head, extra),
        arena_printf(arena, "5\n%s\n%s%s", record, extra, head),
        arena_printf(arena, "%s5\n%s\n%s", extra, record, head),
    };
    for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
        assert_false(look_up_replaced(world, replies[i]));
        assert_int_equal(world->err.code, ERROR_UNTRUSTED);
    }
}

/* Even what the tree holds is believed only where it is the two lines and nothing else. */
static void proven_records_of_another_form_are_refused(void **state)
{
    struct world *world = *state;
#define H1 " h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    static const char *const bad[] = {
        "",
        "m.example v1.0.0" H1,
        "m.example v1.0.0/go.mod" H1,
        "m.example v1.0.0/go.mod" H1 "m.example v1.0.0" H1,
        "m.example v1.0.0" H1 "m.example v1.0.0" H1,
        "m.example v1.0.0" H1 "m.example v1.0.0/go.mod" H1 "m.example v1.0.0" H1,
        "m.example v1.0.0" H1 "m.example v1.0.0/go.mod" H1 "other.example v1.0.0" H1,
        "m.example v1.0.0" H1
        "m.example v1.0.0/go.mod h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "m.example v1.0.0" H1
        "m.example v1.0.0/go.mod h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF==\n",
        "m.example v1.0.0" H1
        "m.example v1.0.0/go.mod h2:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "m.example v1.0.0 h1:\nm.example v1.0.0/go.mod" H1,
        "m.example  v1.0.0" H1 "m.example v1.0.0/go.mod" H1,
        "m.example v1.0.0-x" H1 "m.example v1.0.0-x/go.mod" H1,
        "am.example v1.0.0" H1 "am.example v1.0.0/go.mod" H1,
    };
    const char *h1, *go_mod_h1;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_fails(sumdb_record_hashes(bytes_from_string(bad[i]), "m.example", "v1.0.0",
                                         &world->arena, &h1, &go_mod_h1, &world->err),
                     &world->err, ERROR_UNTRUSTED, "not the two lines");
    }
    assert_true(sumdb_record_hashes(BYTES("m.example v1.0.0" H1 "m.example v1.0.0/go.mod" H1),
                                    "m.example", "v1.0.0", &world->arena, &h1, &go_mod_h1,
                                    &world->err));
    assert_string_equal(h1, "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

static void record_numbers_that_do_not_fit_are_refused(void **state)
{
    struct world *world = *state;
    static const char *const ids[] = {"4",
                                      "6",
                                      "05",
                                      "-5",
                                      "+5",
                                      "5 ",
                                      "",
                                      "699",
                                      "700",
                                      "9223372036854775807",
                                      "18446744073709551615",
                                      "x"};
    const char *record = (const char *)fake_record(&world->fake, 5).data;
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        assert_false(look_up_replaced(world, reply_with(world, ids[i], record)));
        assert_int_equal(world->err.code, ERROR_UNTRUSTED);
    }
}

static void every_changed_byte_of_a_reply_is_noticed(void **state)
{
    struct world *world = *state;
    world->fake.lie_path = "/lookup/" FAKE_MODULE "@v1.0.5";
    size_t len = fake_reply(&world->fake, 5, WORLD_SIZE).len;
    for (world->fake.lie_byte = 0; world->fake.lie_byte < len; world->fake.lie_byte++) {
        assert_false(world_look_up(world, 5));
        assert_int_equal(world->err.code, ERROR_UNTRUSTED);
        fake_cache_clear(&world->fake);
    }
}

/* Each hash that the proofs of a look-up stand on, in its tile. */
static void every_changed_hash_of_a_tile_is_noticed(void **state)
{
    struct world *world = *state;
    static const struct tile tiles[] = {{0, 1, 256}, {0, 2, 188}, {1, 0, 2}};
    for (size_t i = 0; i < ARRAY_LEN(tiles); i++) {
        world->fake.lie_path =
            arena_printf(&world->arena, "/%s", tile_name(&tiles[i], &world->arena));
        for (unsigned hash = 0; hash < tiles[i].width; hash++) {
            world->fake.lie_byte = hash * SHA256_LEN + hash % SHA256_LEN;
            assert_false(world_look_up(world, 300));
            assert_int_equal(world->err.code, ERROR_UNTRUSTED);
            assert_int_equal(world->fake.cached_count, 0);
        }
    }
}

/* Record 1300 of a tree with three levels of tiles: its reply and the tiles above it are forged in
 * every combination, those that agree with each other up to the root among them. */
static void forged_tiles_that_agree_are_refused(void **state)
{
    struct world *world = *state;
    static const char *const paths[] = {"/lookup/" FAKE_MODULE "@v1.0.1300", "/tile/8/0/005",
                                        "/tile/8/1/000", "/tile/8/2/000.p/1"};
    struct fake_database *large = ARENA_NEW(&world->arena, struct fake_database);
    fake_open(large, 66000, 0, 66000);
    large->other = world_fork(world, 66000, 1300);
    large->other->reply_size = 1000;
    large->reply_size = 1000;
    for (unsigned mask = 0; mask < 1 << ARRAY_LEN(paths); mask++) {
        for (unsigned i = 0; i < ARRAY_LEN(paths); i++) {
            large->other_paths[i] = mask & 1 << i ? paths[i] : NULL;
        }
        fake_cache_clear(large);
        world->err.code = ERROR_NONE;
        assert_int_equal(world_look_up_with(world, large, 1300, false), mask == 0);
        assert_int_equal(world->err.code, mask == 0 ? ERROR_NONE : ERROR_UNTRUSTED);
        assert_int_equal(mask == 0, large->cached_count > 0);
    }
    fake_close(large->other);
    fake_close(large);
}

static void heads_that_are_not_signed_properly_are_refused(void **state)
{
    struct world *world = *state;
    struct fake_database *fake = &world->fake;
    struct sha256 root = fake_root(fake, WORLD_SIZE);
    struct bytes text = fake_head_text(fake, WORLD_SIZE, &root);
    const char *other = fake_signature(fake, text, "other.example");
    const char *good = fake_signature(fake, text, FAKE_NAME);
    const char *bad = fake_signature(fake, BYTES("x\n"), FAKE_NAME);
    struct arena *arena = &world->arena;
    const char *many = good;
    for (unsigned i = 0; i < 100; i++) {
        many = arena_printf(arena, "%s%s", many, other);
    }
    const char *whole = arena_printf(arena, "%s\n%s", text.data, good);
    const char *heads[] = {
        arena_printf(arena, "%s\n%s", text.data, other),
        arena_printf(arena, "%s\n%s", text.data, bad),
        arena_printf(arena, "%s\n%s", text.data, many),
        arena_text(arena, bytes_first(bytes_from_string(whole), strlen(whole) - 1)),
        "",
        "<html>hello</html>\n",
    };
    const char *record = (const char *)fake_record(fake, 5).data;
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        fake->replace_path = "/latest";
        fake->replacement = bytes_from_string(heads[i]);
        assert_false(world_look_up(world, 5));
        assert_int_equal(world->err.code, ERROR_UNTRUSTED);
        assert_false(look_up_replaced(world, arena_printf(arena, "5\n%s\n%s", record, heads[i])));
        assert_int_equal(world->err.code, ERROR_UNTRUSTED);
    }
    assert_true(look_up_replaced(world, arena_printf(arena, "5\n%s\n%s", record, whole)));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_make, world_free)
static const struct CMUnitTest tests[] = {
    CASE(a_reply_without_the_module_is_refused),
    CASE(unsigned_lines_are_refused),
    CASE(proven_records_of_another_form_are_refused),
    CASE(record_numbers_that_do_not_fit_are_refused),
    CASE(every_changed_byte_of_a_reply_is_noticed),
    CASE(every_changed_hash_of_a_tile_is_noticed),
    CASE(forged_tiles_that_agree_are_refused),
    CASE(heads_that_are_not_signed_properly_are_refused),
};

UNIT_MAIN(tests)
