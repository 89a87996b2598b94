// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/value_search.h"

#include <string.h>

/* All orders of so many flags and values are tried; of more, values stay together. */
#define FREE_ORDERS 6
#define VALUE_ORDERS 6

/* Those with a symbol: the linker itself says that -X set them. */
static size_t take_named(const struct inspection *file, const struct planted_value **ret)
{
    size_t count = 0;
    for (size_t i = 0; i < file->value_count && count <= VALUE_SEARCH_VALUES; i++) {
        if (file->values[i].name[0] != '\0') {
            ret[count++] = &file->values[i];
        }
    }
    return count;
}

/* The values of FILE that no equal value of the trial stands against. */
static size_t subtract(const struct inspection *file, const struct inspection *rebuild,
                       struct arena *arena, const struct planted_value **ret)
{
    bool *taken = ARENA_ARRAY(arena, rebuild->value_count + 1, bool);
    size_t count = 0;
    for (size_t i = 0; i < file->value_count; i++) {
        size_t k = 0;
        while (k < rebuild->value_count &&
               (taken[k] || strcmp(rebuild->values[k].text, file->values[i].text) != 0)) {
            k++;
        }
        if (k < rebuild->value_count) {
            taken[k] = true;
        } else if (count <= VALUE_SEARCH_VALUES) {
            ret[count++] = &file->values[i];
        }
    }
    return count;
}

static void name_value(const struct variables *names, struct arena *arena,
                       struct searched_value *value)
{
    const char *candidates[VALUE_SEARCH_NAMES];
    const struct planted_value *planted = value->planted;
    if (planted->name[0] != '\0') {
        candidates[0] = planted->name;
        value->count = 1;
    } else {
        value->count = variables_for_value(names, planted->text, VALUE_SEARCH_NAMES, candidates);
    }
    value->definitions = ARENA_ARRAY(arena, value->count + 1, const char *);
    for (size_t i = 0; i < value->count; i++) {
        value->definitions[i] = arena_printf(arena, "%s=%s", candidates[i], planted->text);
    }
}

bool value_search_init(const struct inspection *file, const struct inspection *rebuild,
                       const struct variables *names, struct arena *arena, struct value_search *ret)
{
    const struct planted_value *planted[VALUE_SEARCH_VALUES + 1];
    struct value_search search = {.value_count = take_named(file, planted)};
    if (search.value_count == 0) {
        search.value_count = subtract(file, rebuild, arena, planted);
    }
    if (search.value_count == 0 || search.value_count > VALUE_SEARCH_VALUES) {
        return false;
    }
    for (size_t i = 0; i < search.value_count; i++) {
        search.values[i].planted = planted[i];
        name_value(names, arena, &search.values[i]);
        if (search.values[i].count == 0) {
            return false;
        }
    }
    *ret = search;
    return true;
}

/* Candidates with at most WIDTH variables for a value. */
struct round {
    const struct value_search *values;
    const struct flag_group *flags;
    size_t flag_count, width;
    uint64_t orders;
};

static size_t radix(const struct round *round, size_t value)
{
    size_t count = round->values->values[value].count;
    return count < round->width ? count : round->width;
}

static bool all_orders(const struct round *round)
{
    return round->flag_count + round->values->value_count <= FREE_ORDERS;
}

/* Orders of the values among themselves, where they stay together. */
static uint64_t value_orders(const struct round *round)
{
    return round->values->value_count <= VALUE_ORDERS ? orders_of(round->values->value_count) : 1;
}

static uint64_t count_orders(const struct round *round)
{
    if (all_orders(round)) {
        return orders_of(round->flag_count + round->values->value_count);
    }
    return 2 * orders_of(round->flag_count) * value_orders(round);
}

static void add_value(const char *definition, struct link_candidate *ret)
{
    const struct flag_group group = {{"-X", definition}, 2};
    link_candidate_add(ret, &group);
}

static void spell_all_orders(const struct round *round, uint64_t order,
                             const char *const *definitions, struct link_candidate *ret)
{
    uint8_t places[FREE_ORDERS];
    size_t count = round->flag_count + round->values->value_count;
    order_at_number(order, count, count, places);
    for (size_t i = 0; i < count; i++) {
        if (places[i] < round->flag_count) {
            link_candidate_add(ret, &round->flags[places[i]]);
        } else {
            add_value(definitions[places[i] - round->flag_count], ret);
        }
    }
}

static void spell_flags(const struct round *round, uint64_t order, struct link_candidate *ret)
{
    uint8_t places[LINK_SEARCH_GROUPS];
    order_at_number(order, round->flag_count, round->flag_count, places);
    for (size_t i = 0; i < round->flag_count; i++) {
        link_candidate_add(ret, &round->flags[places[i]]);
    }
}

static void spell_together(const struct round *round, uint64_t order,
                           const char *const *definitions, struct link_candidate *ret)
{
    uint8_t places[VALUE_SEARCH_VALUES];
    size_t count = round->values->value_count;
    bool behind = order % 2 == 1;
    uint64_t flags_order = order / 2 % orders_of(round->flag_count);
    order_at_number(order / 2 / orders_of(round->flag_count), count, count, places);
    if (!behind) {
        spell_flags(round, flags_order, ret);
    }
    for (size_t i = 0; i < count; i++) {
        add_value(definitions[places[i]], ret);
    }
    if (behind) {
        spell_flags(round, flags_order, ret);
    }
}

static void spell(const void *context, uint64_t number, struct link_candidate *ret)
{
    const struct round *round = context;
    const char *definitions[VALUE_SEARCH_VALUES] = {NULL};
    uint64_t order = number % round->orders, assignment = number / round->orders;
    for (size_t i = 0; i < round->values->value_count; i++) {
        definitions[i] = round->values->values[i].definitions[assignment % radix(round, i)];
        assignment /= radix(round, i);
    }
    if (all_orders(round)) {
        spell_all_orders(round, order, definitions, ret);
    } else {
        spell_together(round, order, definitions, ret);
    }
}

static uint64_t count_candidates(const struct round *round)
{
    uint64_t total = round->orders;
    for (size_t i = 0; i < round->values->value_count; i++) {
        if (__builtin_mul_overflow(total, (uint64_t)radix(round, i), &total)) {
            return UINT64_MAX;
        }
    }
    return total;
}

bool value_search_run(const struct value_search *values, const struct flag_group *flags,
                      size_t count, const struct link_search *search, struct arena *arena,
                      struct link_find *ret)
{
    struct link_find all = {0};
    uint64_t before = 0;
    for (size_t width = 1; width <= VALUE_SEARCH_NAMES && all.tried < search->most; width *= 2) {
        struct round round = {values, flags, count, width, 0};
        struct link_search next = *search;
        struct link_find find;
        round.orders = count_orders(&round);
        next.spell = spell;
        next.context = &round;
        next.total = count_candidates(&round);
        next.most = search->most - all.tried;
        if (next.total == before) {
            break; /* no value has a further variable */
        }
        before = next.total;
        bool found = link_search_run(&next, arena, &find);
        find.tried += all.tried;
        find.seconds += all.seconds;
        if (found) {
            *ret = find;
            return true;
        }
        all = find;
    }
    *ret = (struct link_find){.tried = all.tried, .seconds = all.seconds};
    return false;
}

void value_search_guess(const struct value_search *values, const struct flag_group *flags,
                        size_t count, struct link_candidate *ret)
{
    *ret = (struct link_candidate){.count = 0};
    for (size_t i = 0; i < count; i++) {
        link_candidate_add(ret, &flags[i]);
    }
    for (size_t i = 0; i < values->value_count; i++) {
        add_value(values->values[i].definitions[0], ret);
    }
}
