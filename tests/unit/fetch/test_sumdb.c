// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#include "base/file.h"
#include "tests/unit/fetch/fake_database.h"
#include "tests/unit/unit.h"
#include "verifier/fetch/sumdb_reply.h"
#include "verifier/fetch/tile.h"

#define SIZE 700

/* What a test works with: a database, a state directory, and where results go. */
struct world {
    struct fake_database fake;
    char state[64];
    struct arena arena;
    struct sumdb_record record;
    struct error err;
};

static int make_world(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    assert_non_null(world);
    fake_open(&world->fake, SIZE, 0, SIZE);
    scratch_make(world->state);
    *state = world;
    return 0;
}

static int free_world(void **state)
{
    struct world *world = *state;
    fake_close(&world->fake);
    arena_free(&world->arena);
    scratch_remove(world->state);
    free(world);
    return 0;
}

/* Looks up record INDEX in a run of its own. */
static bool look_up_with(struct world *world, struct fake_database *fake, uint64_t index,
                         bool offline)
{
    AUTO(sumdb) struct sumdb *client = fake_client(fake, world->state, offline);
    return fake_lookup(client, index, &world->arena, &world->record, &world->err);
}

static bool look_up(struct world *world, uint64_t index)
{
    return look_up_with(world, &world->fake, index, false);
}

/* Another history of the same database, from record FORK on. */
static struct fake_database *fork_of(struct world *world, uint64_t size, uint64_t fork)
{
    struct fake_database *other = ARENA_NEW(&world->arena, struct fake_database);
    fake_open(other, size, 1, fork);
    return other;
}

/* The one file of evidence; its text, NUL-terminated. */
static const char *read_evidence(struct world *world)
{
    int dir;
    char **names;
    size_t count;
    struct bytes text;
    const char *path = arena_printf(&world->arena, "%s/evidence", world->state);
    assert_true(directory_open(path, &dir, NULL));
    assert_true(directory_list(dir, &world->arena, &names, &count, NULL));
    assert_int_equal(count, 1);
    assert_true(file_read(dir, names[0], 100000, &world->arena, &text, NULL));
    assert_non_null(strstr(world->err.message, names[0]));
    close(dir);
    return arena_text(&world->arena, text);
}

static bool has_evidence(struct world *world)
{
    int dir;
    char **names;
    size_t count;
    const char *path = arena_printf(&world->arena, "%s/evidence", world->state);
    assert_true(directory_open(path, &dir, NULL));
    assert_true(directory_list(dir, &world->arena, &names, &count, NULL));
    close(dir);
    return count > 0;
}

static const char *latest_path(struct world *world)
{
    return arena_printf(&world->arena, "%s/sumdb/%s/latest", world->state, FAKE_NAME);
}

static void proves_every_record(void **state)
{
    struct world *world = *state;
    AUTO(sumdb) struct sumdb *client = fake_client(&world->fake, world->state, false);
    struct tree_head head;
    assert_false(sumdb_head(client, &head));
    for (uint64_t i = 0; i < SIZE; i++) {
        assert_true(fake_lookup(client, i, &world->arena, &world->record, &world->err));
        assert_true(fake_is_right(&world->fake, i, &world->record));
    }
    assert_true(sumdb_head(client, &head));
    assert_string_equal(head.name, FAKE_NAME);
    assert_int_equal(head.size, SIZE);
    assert_true(head.first_sight);
    assert_int_equal(world->fake.latest_requests, 1);
}

static void works_at_every_size_of_the_tree(void **state)
{
    struct world *world = *state;
    for (uint64_t size = 1; size <= SIZE; size += size < 280 ? 1 : 13) {
        world->fake.latest_size = world->fake.reply_size = size;
        fake_cache_clear(&world->fake);
        assert_true(look_up(world, size * 31 % size));
        assert_true(look_up(world, size - 1));
        assert_true(fake_is_right(&world->fake, size - 1, &world->record));
    }
}

static void works_in_a_large_tree(void **state)
{
    struct world *world = *state;
    struct fake_database *large = ARENA_NEW(&world->arena, struct fake_database);
    fake_open(large, 66000, 0, 66000);
    large->reply_size = 1000;
    fake_set_floor(large, 700);
    struct module_id ids[50];
    struct sumdb_record records[50];
    for (unsigned i = 0; i < 50; i++) {
        ids[i] =
            (struct module_id){FAKE_MODULE, arena_printf(&world->arena, "v1.0.%u", i * 1319 + 1)};
    }
    AUTO(sumdb) struct sumdb *client = fake_client(large, world->state, false);
    assert_true(sumdb_lookup_many(client, ids, 50, &world->arena, records, &world->err));
    for (unsigned i = 0; i < 50; i++) {
        assert_true(fake_is_right(large, i * 1319 + 1, &records[i]));
    }
    assert_int_equal(large->rounds, 2);
    fake_close(large);
}

static void the_second_run_asks_nothing(void **state)
{
    struct world *world = *state;
    assert_true(look_up(world, 300));
    unsigned before = world->fake.requests;
    assert_true(look_up(world, 300));
    assert_true(fake_is_right(&world->fake, 300, &world->record));
    assert_int_equal(world->fake.requests, before);
}

static void proves_offline_what_was_proven_before(void **state)
{
    struct world *world = *state;
    world->fake.latest_size = world->fake.reply_size = 300;
    assert_true(look_up(world, 5));
    world->fake.latest_size = world->fake.reply_size = SIZE;
    assert_true(look_up(world, 600));
    world->fake.refuses = true;
    assert_true(look_up_with(world, &world->fake, 5, true));
    assert_true(fake_is_right(&world->fake, 5, &world->record));
    assert_true(look_up_with(world, &world->fake, 600, true));
    assert_fails(look_up_with(world, &world->fake, 6, true), &world->err, ERROR_NETWORK,
                 FAKE_MODULE "@v1.0.6: ");
}

static void nothing_is_proven_offline_without_the_state(void **state)
{
    struct world *world = *state;
    assert_true(look_up(world, 5));
    assert_int_equal(unlink(latest_path(world)), 0);
    assert_int_equal(
        unlink(arena_printf(&world->arena, "%s/sumdb/%s/accepted", world->state, FAKE_NAME)), 0);
    assert_fails(look_up_with(world, &world->fake, 5, true), &world->err, ERROR_NETWORK,
                 "was not accepted");
}

static void the_state_survives_the_cache(void **state)
{
    struct world *world = *state;
    assert_true(look_up(world, 5));
    fake_cache_clear(&world->fake);
    world->fake.latest_size = world->fake.reply_size = 400;
    assert_true(look_up(world, 6));
    AUTO(sumdb) struct sumdb *client = fake_client(&world->fake, world->state, false);
    struct tree_head head;
    assert_true(fake_lookup(client, 5, &world->arena, &world->record, &world->err));
    assert_true(sumdb_head(client, &head));
    assert_int_equal(head.size, SIZE);
    assert_false(head.first_sight);
}

static void absent_and_unreachable_are_told_apart(void **state)
{
    struct world *world = *state;
    assert_fails(look_up(world, SIZE), &world->err, ERROR_ABSENT, "@v1.0.700: ");
    world->fake.refuses = true;
    assert_fails(look_up(world, 5), &world->err, ERROR_NETWORK, "refused");
    assert_false(has_evidence(world));
}

static void a_mirror_without_latest_will_do(void **state)
{
    struct world *world = *state;
    world->fake.latest_size = 0;
    assert_true(look_up(world, 5));
}

static void names_that_are_no_modules_are_not_asked_for(void **state)
{
    struct world *world = *state;
    AUTO(sumdb) struct sumdb *client = fake_client(&world->fake, world->state, false);
    static const struct module_id bad[] = {
        {"example.com/../m", "v1.0.0"}, {"example.com/m", "v1.0.0/../../latest"},
        {"example.com/m", "latest"},    {"example.com/m\n", "v1.0.0"},
        {"example.com/m", "v2.0.0"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(
            sumdb_lookup_many(client, &bad[i], 1, &world->arena, &world->record, &world->err));
    }
    assert_int_equal(world->fake.requests, 0);
}

/* -- lies in replies -- */

static bool look_up_replaced(struct world *world, const char *reply)
{
    world->fake.replace_path = "/lookup/" FAKE_MODULE "@v1.0.5";
    world->fake.replacement = bytes_from_string(reply);
    fake_cache_clear(&world->fake);
    bool good = look_up(world, 5);
    assert_int_equal(good, fake_find_cached(&world->fake, "lookup/" FAKE_MODULE "@v1.0.5") != NULL);
    return good;
}

static const char *reply_with(struct world *world, const char *id, const char *record)
{
    return arena_printf(&world->arena, "%s\n%s\n%s", id, record,
                        fake_head(&world->fake, SIZE).data);
}

/* CVE-2026-42501: no line for the module. */
static void a_reply_without_the_module_is_refused(void **state)
{
    struct world *world = *state;
    const char *head = (const char *)fake_head(&world->fake, SIZE).data;
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
    const char *head = (const char *)fake_head(&world->fake, SIZE).data;
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
    size_t len = fake_reply(&world->fake, 5, SIZE).len;
    for (world->fake.lie_byte = 0; world->fake.lie_byte < len; world->fake.lie_byte++) {
        assert_false(look_up(world, 5));
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
            assert_false(look_up(world, 300));
            assert_int_equal(world->err.code, ERROR_UNTRUSTED);
            assert_int_equal(world->fake.cached_count, 0);
        }
    }
}

/* -- CVE-2026-56865: forged tiles that agree with each other -- */

/* Record 1300 of a tree with three levels of tiles: its reply and the tiles above it are forged in
 * every combination, those that agree with each other up to the root among them. */
static void forged_tiles_that_agree_are_refused(void **state)
{
    struct world *world = *state;
    static const char *const paths[] = {"/lookup/" FAKE_MODULE "@v1.0.1300", "/tile/8/0/005",
                                        "/tile/8/1/000", "/tile/8/2/000.p/1"};
    struct fake_database *large = ARENA_NEW(&world->arena, struct fake_database);
    fake_open(large, 66000, 0, 66000);
    large->other = fork_of(world, 66000, 1300);
    large->other->reply_size = 1000;
    large->reply_size = 1000;
    for (unsigned mask = 0; mask < 1 << ARRAY_LEN(paths); mask++) {
        for (unsigned i = 0; i < ARRAY_LEN(paths); i++) {
            large->other_paths[i] = mask & 1 << i ? paths[i] : NULL;
        }
        fake_cache_clear(large);
        world->err.code = ERROR_NONE;
        assert_int_equal(look_up_with(world, large, 1300, false), mask == 0);
        assert_int_equal(world->err.code, mask == 0 ? ERROR_NONE : ERROR_UNTRUSTED);
        assert_int_equal(mask == 0, large->cached_count > 0);
    }
    fake_close(large->other);
    fake_close(large);
}

/* -- heads -- */

static void heads_that_are_not_signed_properly_are_refused(void **state)
{
    struct world *world = *state;
    struct fake_database *fake = &world->fake;
    struct sha256 root = fake_root(fake, SIZE);
    struct bytes text = fake_head_text(fake, SIZE, &root);
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
        assert_false(look_up(world, 5));
        assert_int_equal(world->err.code, ERROR_UNTRUSTED);
        assert_false(look_up_replaced(world, arena_printf(arena, "5\n%s\n%s", record, heads[i])));
        assert_int_equal(world->err.code, ERROR_UNTRUSTED);
    }
    assert_true(look_up_replaced(world, arena_printf(arena, "5\n%s\n%s", record, whole)));
}

static void older_heads_are_proven_and_do_no_harm(void **state)
{
    struct world *world = *state;
    assert_true(look_up(world, 699));
    for (uint64_t size = 1; size < SIZE; size += 23) {
        world->fake.latest_size = world->fake.reply_size = size;
        fake_cache_clear(&world->fake);
        assert_true(look_up(world, size / 2));
    }
    assert_false(has_evidence(world));
}

static void expect_fork(struct world *world, struct fake_database *other, uint64_t index,
                        struct bytes one, struct bytes two)
{
    assert_fails(look_up_with(world, other, index, false), &world->err, ERROR_UNTRUSTED,
                 "has forked");
    const char *evidence = read_evidence(world);
    assert_non_null(strstr(evidence, (const char *)one.data));
    assert_non_null(strstr(evidence, (const char *)two.data));
    assert_int_equal(other->cached_count, 0);
    fake_close(other);
}

static void a_longer_fork_is_refused_with_evidence(void **state)
{
    struct world *world = *state;
    world->fake.latest_size = world->fake.reply_size = 400;
    assert_true(look_up(world, 5));
    struct fake_database *other = fork_of(world, SIZE, 350);
    expect_fork(world, other, 6, fake_head(&world->fake, 400), fake_head(other, SIZE));
}

static void a_rollback_to_another_tree_is_refused_with_evidence(void **state)
{
    struct world *world = *state;
    assert_true(look_up(world, 5));
    struct fake_database *other = fork_of(world, 500, 499);
    struct bytes own = fake_head(&world->fake, SIZE);
    struct bytes theirs = fake_head(other, 500);
    /* Its tiles of the stored head's tree are those of the true one: what a clever liar serves. */
    world->fake.replace_path = "/latest";
    world->fake.replacement = theirs;
    fake_cache_clear(&world->fake);
    assert_fails(look_up(world, 6), &world->err, ERROR_UNTRUSTED, "has forked");
    const char *evidence = read_evidence(world);
    assert_non_null(strstr(evidence, (const char *)own.data));
    assert_non_null(strstr(evidence, (const char *)theirs.data));
    fake_close(other);
}

static void another_root_of_the_same_size_is_refused_with_evidence(void **state)
{
    struct world *world = *state;
    assert_true(look_up(world, 5));
    struct fake_database *other = fork_of(world, SIZE, 699);
    expect_fork(world, other, 6, fake_head(&world->fake, SIZE), fake_head(other, SIZE));
}

static void a_forked_head_within_a_reply_is_refused(void **state)
{
    struct world *world = *state;
    struct fake_database *other = fork_of(world, 500, 100);
    struct bytes record = fake_record(&world->fake, 5);
    struct bytes theirs = fake_head(other, 500);
    world->fake.replace_path = "/lookup/" FAKE_MODULE "@v1.0.5";
    world->fake.replacement =
        bytes_from_string(arena_printf(&world->arena, "5\n%s\n%s", record.data, theirs.data));
    assert_fails(look_up(world, 5), &world->err, ERROR_UNTRUSTED, "has forked");
    assert_true(has_evidence(world));
    fake_close(other);
}

static void the_floor_holds_at_first_sight(void **state)
{
    struct world *world = *state;
    struct fake_database *other = fork_of(world, SIZE, 50);
    fake_set_floor(&world->fake, 60);
    assert_true(look_up(world, 5));
    scratch_remove(world->state);
    other->anchor = world->fake.anchor;
    expect_fork(world, other, 6, world->fake.anchor.floor.note, fake_head(other, SIZE));
}

static void a_newer_floor_holds_against_a_stored_head(void **state)
{
    struct world *world = *state;
    struct fake_database *other = fork_of(world, SIZE, 50);
    other->latest_size = other->reply_size = 100;
    assert_true(look_up_with(world, other, 5, false));
    fake_set_floor(&world->fake, 200);
    other->anchor = world->fake.anchor;
    other->latest_size = other->reply_size = SIZE;
    assert_fails(look_up_with(world, other, 6, false), &world->err, ERROR_UNTRUSTED, "has forked");
    assert_fails(look_up(world, 6), &world->err, ERROR_UNTRUSTED, "has forked");
    fake_close(other);
}

static void a_fork_leaves_the_stored_head_alone(void **state)
{
    struct world *world = *state;
    assert_true(look_up(world, 5));
    struct bytes before = file_load(latest_path(world));
    struct fake_database *other = fork_of(world, 800, 300);
    assert_false(look_up_with(world, other, 6, false));
    struct bytes after = file_load(latest_path(world));
    assert_bytes(after, before);
    assert_true(look_up(world, 7));
    free((void *)(uintptr_t)before.data);
    free((void *)(uintptr_t)after.data);
    fake_close(other);
}

static void a_changed_state_file_is_noticed(void **state)
{
    struct world *world = *state;
    assert_true(look_up(world, 5));
    FILE *file = fopen(latest_path(world), "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, 22, SEEK_SET), 0);
    assert_int_equal(fwrite("6", 1, 1, file), 1);
    fclose(file);
    struct sumdb_settings settings = {.anchor = &world->fake.anchor,
                                      .state = world->state,
                                      .operations = fake_operations(&world->fake)};
    struct sumdb *client;
    assert_fails(sumdb_open(&settings, &client, &world->err), &world->err, ERROR_UNTRUSTED,
                 "latest");
}

/* -- the cache lies -- */

static void a_poisoned_reply_is_put_away_and_got_again(void **state)
{
    struct world *world = *state;
    const char *name = "lookup/" FAKE_MODULE "@v1.0.5";
    assert_true(look_up(world, 5));
    struct bytes good = fake_find_cached(&world->fake, name)->content;
    for (size_t at = 0; at < good.len; at += 7) {
        char *bad = arena_text(&world->arena, good);
        bad[at] = (char)(bad[at] ^ 1);
        fake_cache_put(&world->fake, name, bytes_from(bad, good.len));
        assert_false(look_up_with(world, &world->fake, 5, true));
        fake_cache_put(&world->fake, name, bytes_from(bad, good.len));
        assert_true(look_up(world, 5));
        assert_true(fake_is_right(&world->fake, 5, &world->record));
        assert_bytes(fake_find_cached(&world->fake, name)->content, good);
    }
}

static void a_reply_in_another_ones_place_is_not_believed(void **state)
{
    struct world *world = *state;
    assert_true(look_up(world, 5) && look_up(world, 6));
    struct bytes other = fake_find_cached(&world->fake, "lookup/" FAKE_MODULE "@v1.0.6")->content;
    fake_cache_put(&world->fake, "lookup/" FAKE_MODULE "@v1.0.5", other);
    assert_fails(look_up_with(world, &world->fake, 5, true), &world->err, ERROR_UNTRUSTED,
                 "not the two lines");
}

static void poisoned_tiles_are_put_away_and_got_again(void **state)
{
    struct world *world = *state;
    static const char *const names[] = {"tile/8/0/001", "tile/8/1/000.p/2", "tile/8/0/002.p/188"};
    assert_true(look_up(world, 300));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct bytes good = fake_find_cached(&world->fake, names[i])->content;
        char *bad = arena_text(&world->arena, good);
        bad[3] = (char)(bad[3] ^ 1);
        fake_cache_put(&world->fake, names[i], bytes_from(bad, good.len));
        assert_fails(look_up_with(world, &world->fake, 300, true), &world->err, ERROR_UNTRUSTED,
                     "stored");
        fake_cache_put(&world->fake, names[i], bytes_from(bad, good.len));
        assert_true(look_up(world, 300));
        assert_bytes(fake_find_cached(&world->fake, names[i])->content, good);
    }
}

/* -- several processes, and time -- */

static void a_head_stored_by_another_process_is_proven_too(void **state)
{
    struct world *world = *state;
    AUTO(sumdb) struct sumdb *slow = fake_client(&world->fake, world->state, false);
    assert_true(look_up(world, 5));
    world->fake.latest_size = world->fake.reply_size = 400;
    fake_cache_clear(&world->fake);
    assert_true(fake_lookup(slow, 6, &world->arena, &world->record, &world->err));
    struct tree_head head;
    assert_true(sumdb_head(slow, &head));
    assert_int_equal(head.size, SIZE);
    assert_true(look_up_with(world, &world->fake, 6, true));
    struct bytes stored = file_load(latest_path(world));
    assert_bytes(stored, fake_head(&world->fake, SIZE));
    free((void *)(uintptr_t)stored.data);
}

static void a_forked_head_stored_by_another_process_is_noticed(void **state)
{
    struct world *world = *state;
    struct fake_database *other = fork_of(world, 500, 100);
    AUTO(sumdb) struct sumdb *slow = fake_client(&world->fake, world->state, false);
    assert_true(look_up_with(world, other, 5, false));
    assert_fails(fake_lookup(slow, 6, &world->arena, &world->record, &world->err), &world->err,
                 ERROR_UNTRUSTED, "has forked");
    assert_true(has_evidence(world));
    fake_close(other);
}

static void a_database_that_stands_still_is_told_with_its_age(void **state)
{
    struct world *world = *state;
    assert_true(look_up(world, 5));
    struct utimbuf old = {.actime = time(NULL), .modtime = time(NULL) - 31 * 86400 - 5};
    assert_int_equal(utime(latest_path(world), &old), 0);
    AUTO(sumdb) struct sumdb *client = fake_client(&world->fake, world->state, false);
    assert_true(fake_lookup(client, 5, &world->arena, &world->record, &world->err));
    assert_int_equal(sumdb_days_unchanged(client), 0);
    assert_true(fake_lookup(client, 6, &world->arena, &world->record, &world->err));
    assert_int_equal(sumdb_days_unchanged(client), 31);
    struct tree_head head;
    assert_true(sumdb_head(client, &head));
    assert_int_equal(head.days_unchanged, 31);
}

static void a_growing_database_is_not_stale(void **state)
{
    struct world *world = *state;
    world->fake.latest_size = world->fake.reply_size = 400;
    assert_true(look_up(world, 5));
    struct utimbuf old = {.actime = time(NULL), .modtime = time(NULL) - 31 * 86400};
    assert_int_equal(utime(latest_path(world), &old), 0);
    world->fake.latest_size = SIZE;
    AUTO(sumdb) struct sumdb *client = fake_client(&world->fake, world->state, false);
    assert_true(fake_lookup(client, 6, &world->arena, &world->record, &world->err));
    assert_int_equal(sumdb_days_unchanged(client), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_world, free_world)
static const struct CMUnitTest tests[] = {
    CASE(proves_every_record),
    CASE(works_at_every_size_of_the_tree),
    CASE(works_in_a_large_tree),
    CASE(the_second_run_asks_nothing),
    CASE(proves_offline_what_was_proven_before),
    CASE(nothing_is_proven_offline_without_the_state),
    CASE(the_state_survives_the_cache),
    CASE(absent_and_unreachable_are_told_apart),
    CASE(a_mirror_without_latest_will_do),
    CASE(names_that_are_no_modules_are_not_asked_for),
    CASE(a_reply_without_the_module_is_refused),
    CASE(unsigned_lines_are_refused),
    CASE(proven_records_of_another_form_are_refused),
    CASE(record_numbers_that_do_not_fit_are_refused),
    CASE(every_changed_byte_of_a_reply_is_noticed),
    CASE(every_changed_hash_of_a_tile_is_noticed),
    CASE(forged_tiles_that_agree_are_refused),
    CASE(heads_that_are_not_signed_properly_are_refused),
    CASE(older_heads_are_proven_and_do_no_harm),
    CASE(a_longer_fork_is_refused_with_evidence),
    CASE(a_rollback_to_another_tree_is_refused_with_evidence),
    CASE(another_root_of_the_same_size_is_refused_with_evidence),
    CASE(a_forked_head_within_a_reply_is_refused),
    CASE(the_floor_holds_at_first_sight),
    CASE(a_newer_floor_holds_against_a_stored_head),
    CASE(a_fork_leaves_the_stored_head_alone),
    CASE(a_changed_state_file_is_noticed),
    CASE(a_poisoned_reply_is_put_away_and_got_again),
    CASE(a_reply_in_another_ones_place_is_not_believed),
    CASE(poisoned_tiles_are_put_away_and_got_again),
    CASE(a_head_stored_by_another_process_is_proven_too),
    CASE(a_forked_head_stored_by_another_process_is_noticed),
    CASE(a_database_that_stands_still_is_told_with_its_age),
    CASE(a_growing_database_is_not_stale),
};
UNIT_MAIN(tests)
