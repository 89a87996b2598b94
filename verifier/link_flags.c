// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "verifier/pipeline_internal.h"
#include "verifier/recipe/value_search.h"

#define DEFAULT_SEARCH 1000000

/* True if both files have build IDs, so that part 1 tells whether flags are the right ones. */
static bool has_oracle(const struct subject_run *run)
{
    return run->file->traits.parts[0][0] != '\0' && run->rebuild->traits.parts[0][0] != '\0';
}

static struct link_flags order_at(const struct recipe *recipe, size_t index)
{
    return (struct link_flags){recipe->ldflags_orders[index], recipe->ldflags_order_counts[index],
                               index};
}

bool first_flags(struct subject_run *run, struct link_flags *ret)
{
    if (run->recipe.order_count > 0) {
        *ret = order_at(&run->recipe, 0);
    } else {
        *ret = (struct link_flags){.number = SIZE_MAX};
    }
    return true;
}

/* Without a build ID nothing but relinking tells; the order is the recipe's. */
static bool next_order(struct subject_run *run, struct link_flags *ret)
{
    if (ret->number == SIZE_MAX || ret->number + 1 >= run->recipe.order_count) {
        return false;
    }
    *ret = order_at(&run->recipe, ret->number + 1);
    return true;
}

static bool gives_part1(const struct link_hash *hash, const struct link_flags *flags,
                        const char *part1)
{
    char own[BUILD_ID_PART_LEN + 1];
    link_hash_part1(hash, flags->words, flags->count, own);
    return strcmp(own, part1) == 0;
}

/* One of the orders that fit what the bytes show. */
static bool search_orders(struct subject_run *run, const struct link_hash *hash,
                          struct link_flags *ret)
{
    const struct recipe *recipe = &run->recipe;
    for (size_t i = 0; i < recipe->order_count; i++) {
        struct link_flags flags = order_at(recipe, i);
        if (gives_part1(hash, &flags, run->file->traits.parts[0])) {
            *ret = flags;
            recipe_assume(&run->result->notes, run->arena, "link-flags-searched",
                          "the order of -ldflags, found as candidate %zu of %zu by part 1 of the "
                          "build ID",
                          i + 1, recipe->order_count);
            return true;
        }
    }
    return false;
}

/* One hunt for the flags of a subject. */
struct hunt {
    struct subject_run *run;
    const struct link_hash *hash;
    struct rebuild_progress progress;
    struct link_find find; /* its number among all candidates of the hunt */
    uint64_t tried;
    double seconds;
};

static void on_search(void *context, uint64_t tried, double seconds)
{
    const struct hunt *hunt = context;
    if (hunt->progress.search != NULL) {
        hunt->progress.search(hunt->progress.context, hunt->tried + tried, hunt->seconds + seconds);
    }
}

static struct link_search search_of(struct hunt *hunt)
{
    const struct rebuild_settings *settings = hunt->run->settings;
    uint64_t most = settings->search == 0 ? DEFAULT_SEARCH : settings->search;
    return (struct link_search){
        .hash = hunt->hash,
        .part1 = hunt->run->file->traits.parts[0],
        .most = hunt->tried < most ? most - hunt->tried : 0,
        .jobs = settings->jobs,
        .progress = on_search,
        .progress_context = hunt,
    };
}

static void count_tries(struct hunt *hunt, const struct link_find *find)
{
    hunt->find = *find;
    hunt->tried += find->tried;
    hunt->seconds += find->seconds;
}

/* The value of -B in the recipe's flags; NULL without. */
static const char *note_value(const struct recipe *recipe)
{
    struct link_flags order = order_at(recipe, 0);
    for (size_t i = 0; i + 1 < order.count; i++) {
        if (strcmp(order.words[i], "-B") == 0) {
            return order.words[i + 1];
        }
    }
    return NULL;
}

static bool search_groups(struct hunt *hunt, const struct flag_group *groups, size_t count)
{
    struct group_orders orders = {groups, count};
    struct link_search search = search_of(hunt);
    struct link_find find;
    search.spell = group_orders_spell;
    search.context = &orders;
    search.total = group_orders_total(&orders);
    bool found = link_search_run(&search, hunt->run->arena, &find);
    count_tries(hunt, &find);
    return found;
}

/* The digits of "0x..." in capitals. */
static const char *capital_note(struct hunt *hunt, const char *note)
{
    char *text = arena_string(hunt->run->arena, note);
    for (size_t i = 2; note[0] == '0' && text[i] != '\0'; i++) {
        text[i] = (char)(text[i] >= 'a' && text[i] <= 'f' ? text[i] - 'a' + 'A' : text[i]);
    }
    return text;
}

/* GROUPS and behind them room for one more: -B, in each way of writing it. */
static bool search_with_note(struct hunt *hunt, struct flag_group *groups, size_t count,
                             const char *note)
{
    const char *spelled[] = {note, capital_note(hunt, note)};
    bool found = false;
    for (size_t i = 0; i < ARRAY_LEN(spelled) && !found; i++) {
        if (i > 0 && strcmp(spelled[i], note) == 0) {
            continue;
        }
        groups[count] = (struct flag_group){{"-B", spelled[i]}, 2};
        found = search_groups(hunt, groups, count + 1);
        if (!found) {
            const char *joined = arena_printf(hunt->run->arena, "-B=%s", spelled[i]);
            groups[count] = (struct flag_group){{joined, NULL}, 1};
            found = search_groups(hunt, groups, count + 1);
        }
    }
    return found;
}

/* Flags that builders add though they often change nothing, in all orders and subsets. */
static bool search_widely(struct hunt *hunt)
{
    struct flag_group groups[] = {
        {{"-s"}, 1},
        {{"-w"}, 1},
        {{"-extldflags", "-static"}, 2},
        {{"-extldflags=-static"}, 1},
        {{"-buildid="}, 1},
        {{"-s"}, 1},
        {{"-w"}, 1},
        {{NULL}, 0}, /* -B */
    };
    size_t count = ARRAY_LEN(groups) - 1;
    const char *note = note_value(&hunt->run->recipe);
    if (note != NULL) {
        return search_with_note(hunt, groups, count, note);
    }
    return search_groups(hunt, groups, count) || search_with_note(hunt, groups, count, "gobuildid");
}

/* The flags of ORDER but -X, as groups. */
static size_t group_flags(const struct link_flags *order, struct flag_group *ret)
{
    size_t count = 0;
    for (size_t i = 0; i < order->count && count < LINK_SEARCH_GROUPS; i++) {
        bool pair = i + 1 < order->count &&
                    (strcmp(order->words[i], "-X") == 0 || strcmp(order->words[i], "-B") == 0);
        if (strcmp(order->words[i], "-X") != 0) {
            ret[count++] = pair ? (struct flag_group){{order->words[i], order->words[i + 1]}, 2}
                                : (struct flag_group){{order->words[i], NULL}, 1};
        }
        i += pair;
    }
    return count;
}

static bool search_beside(struct hunt *hunt, const struct value_search *values,
                          const struct flag_group *extra)
{
    size_t before = SIZE_MAX;
    for (size_t i = 0; i < hunt->run->recipe.order_count; i++) {
        struct flag_group groups[LINK_SEARCH_GROUPS + 1];
        struct link_flags order = order_at(&hunt->run->recipe, i);
        size_t count = group_flags(&order, groups);
        if (count == before) {
            continue; /* the same flags in another order */
        }
        before = count;
        if (extra != NULL) {
            groups[count++] = *extra;
        }
        struct link_search search = search_of(hunt);
        struct link_find find;
        bool found = value_search_run(values, groups, count, &search, hunt->run->arena, &find);
        count_tries(hunt, &find);
        if (found) {
            return true;
        }
    }
    return false;
}

/* The flags that the bytes show, and then with others beside them that change nothing. */
static bool search_values(struct hunt *hunt, const struct value_search *values)
{
    static const struct flag_group extras[] = {{{"-extldflags", "-static"}, 2},
                                               {{"-extldflags=-static", NULL}, 1}};
    bool found = search_beside(hunt, values, NULL);
    for (size_t i = 0; i < ARRAY_LEN(extras) && !found; i++) {
        found = search_beside(hunt, values, &extras[i]);
    }
    return found;
}

/* Where each -X comes from: its value off the file, its variable as HOW says. */
static void note_values(struct subject_run *run, const struct value_search *values,
                        const struct link_flags *flags, const char *how)
{
    for (size_t k = 0; k + 1 < flags->count; k++) {
        struct bytes definition = bytes_from_string(flags->words[k + 1]);
        for (size_t i = 0; i < values->value_count && strcmp(flags->words[k], "-X") == 0; i++) {
            const struct planted_value *planted = values->values[i].planted;
            if (bytes_end_with(definition, arena_printf(run->arena, "=%s", planted->text))) {
                recipe_infer(&run->result->notes, run->arena, "-X", flags->words[k + 1],
                             "the string header at offset %llu of the file points to this value; "
                             "%s",
                             (unsigned long long)planted->offset, how);
                break;
            }
        }
    }
}

/* The likeliest variables, where no candidate fits part 1 or nothing tells: what the link makes of
 * them is looked at. */
static struct link_flags guess_values(struct subject_run *run, const struct value_search *values)
{
    struct flag_group groups[LINK_SEARCH_GROUPS];
    struct link_flags order = order_at(&run->recipe, 0);
    struct link_candidate candidate;
    value_search_guess(values, groups, group_flags(&order, groups), &candidate);
    const char **words = ARENA_ARRAY(run->arena, candidate.count + 1, const char *);
    memcpy(words, candidate.words, candidate.count * sizeof(*words));
    return (struct link_flags){words, candidate.count, SIZE_MAX};
}

static struct link_flags take_find(const struct hunt *hunt)
{
    recipe_assume(&hunt->run->result->notes, hunt->run->arena, "link-flags-searched",
                  "-ldflags found as candidate %llu by part 1 of the build ID",
                  (unsigned long long)hunt->tried);
    return (struct link_flags){hunt->find.flags, hunt->find.count, SIZE_MAX};
}

/* Values that the artifact has planted and the rebuild has not. */
static bool missing_values(struct subject_run *run, struct value_search *ret)
{
    struct variables names = {.arena = run->arena};
    if (run->file->value_count > 0 && run->file->values[0].name[0] == '\0') {
        source_names(run, &names);
    }
    return value_search_init(run->file, run->rebuild, &names, run->arena, ret);
}

/* VALUES: those that the rebuild lacks; NULL: none. */
static bool hunt_once(struct hunt *hunt, const struct value_search *values, struct link_flags *ret)
{
    if (search_orders(hunt->run, hunt->hash, ret)) {
        return true;
    }
    if (values != NULL && search_values(hunt, values)) {
        *ret = take_find(hunt);
        note_values(hunt->run, values, ret, "part 1 of the build ID tells the variable");
        return true;
    }
    /* What looks like a value may be something else. */
    if (!search_widely(hunt)) {
        return false;
    }
    *ret = take_find(hunt);
    return true;
}

/* Nothing in a file tells whether its mode, the default, was asked for. */
static bool hunt_with_written_mode(struct hunt *hunt, const struct value_search *values,
                                   struct link_flags *ret)
{
    struct subject_run *run = hunt->run;
    struct link_hash written;
    if (!link_hash_with_written_mode(hunt->hash, &written)) {
        return false;
    }
    hunt->hash = &written;
    if (!hunt_once(hunt, values, ret)) {
        return false;
    }
    run->recipe.buildmode = "exe";
    recipe_infer(&run->result->notes, run->arena, "buildmode", "exe",
                 "part 1 of the build ID tells that the default was written out");
    return true;
}

static bool hunt_flags(struct hunt *hunt, struct link_flags *ret)
{
    struct value_search values;
    struct subject_run *run = hunt->run;
    bool missing = missing_values(run, &values);
    const struct value_search *lacking = missing ? &values : NULL;
    if (hunt_once(hunt, lacking, ret) || hunt_with_written_mode(hunt, lacking, ret)) {
        return true;
    }
    recipe_infer(&run->result->notes, run->arena, "ldflags", "not found",
                 "none of %llu candidates gives part 1 of the build ID (%.1f s)",
                 (unsigned long long)hunt->tried, hunt->seconds);
    if (missing) {
        *ret = guess_values(run, &values);
        note_values(run, &values, ret, "the variable is a guess");
    }
    return missing;
}

bool next_flags(struct subject_run *run, struct bytes hashes, struct link_flags *ret)
{
    struct link_hash hash;
    if (run->recipe.order_count == 0 || ret->number == SIZE_MAX) {
        return false;
    }
    if (!has_oracle(run) || !link_hash_parse(hashes, run->arena, &hash, NULL)) {
        return next_order(run, ret);
    }
    struct hunt hunt = {.run = run, .hash = &hash, .progress = run->settings->progress};
    bool found = hunt_flags(&hunt, ret);
    link_hash_free(&hash);
    /* A find is relinked once: it fits by 120 bits. */
    ret->number = SIZE_MAX;
    return found;
}
