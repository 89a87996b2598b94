// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/licence_words.h"

#define HASH_START 2166136261U
#define HASH_STEP 16777619U
#define LICENCE "licence"

struct word {
    uint32_t hash, start, end;
};

/* A letter or digit in lower case, 0 for everything else. */
static uint8_t plain(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return (uint8_t)(c | 0x20);
    }
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : 0;
}

static bool is_digit(struct bytes text, size_t at)
{
    return at < text.len && text.data[at] >= '0' && text.data[at] <= '9';
}

/* The place behind the word that begins at AT. */
static size_t word_end(struct bytes text, size_t at)
{
    while (at < text.len &&
           (plain(text.data[at]) != 0 ||
            (text.data[at] == '.' && at > 0 && is_digit(text, at - 1) && is_digit(text, at + 1)))) {
        at++;
    }
    return at;
}

/* FNV-1a; the British spelling is read as the American one. */
static uint32_t hash_word(struct bytes word)
{
    size_t spelled = strlen(LICENCE);
    bool british = word.len >= spelled;
    for (size_t i = 0; british && i < spelled; i++) {
        british = plain(word.data[i]) == (uint8_t)LICENCE[i];
    }
    uint32_t hash = HASH_START;
    for (size_t i = 0; i < word.len; i++) {
        uint8_t c = british && i == spelled - 2 ? 's'
                    : word.data[i] == '.'       ? '.'
                                                : plain(word.data[i]);
        hash = (hash ^ c) * HASH_STEP;
    }
    return hash;
}

static bool next_word(struct bytes text, size_t *position, struct word *ret)
{
    static const uint32_t http = 0xc96448a5U;
    static const uint32_t https = 0xdedea8e2U;
    for (size_t at = *position; at < text.len;) {
        size_t start = at;
        at = plain(text.data[at]) == 0 ? at : word_end(text, at);
        if (at - start >= 2) {
            uint32_t hash = hash_word(bytes_from(text.data + start, at - start));
            if (hash != http && hash != https) {
                *ret = (struct word){hash, (uint32_t)start, (uint32_t)at};
                *position = at;
                return true;
            }
        }
        at += at == start ? 1 : 0;
    }
    return false;
}

/* The finaliser of MurmurHash3, so that the smallest hashes are a fair sample. */
static uint32_t hash_triple(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t value = (a * 31 + b) * 31 + c;
    value ^= value >> 16;
    value *= 0x85ebca6bU;
    value ^= value >> 13;
    value *= 0xc2b2ae35U;
    return value ^ (value >> 16);
}

size_t licence_triples(struct bytes text, struct arena *arena, struct licence_triple **ret)
{
    struct word first, second, third;
    struct licence_triple *triples = NULL;
    size_t position = 0;
    size_t count = 0;
    size_t capacity = 0;
    if (!next_word(text, &position, &first) || !next_word(text, &position, &second)) {
        return 0;
    }
    while (next_word(text, &position, &third)) {
        arena_grow(arena, &triples, count, &capacity, sizeof(*triples));
        triples[count++] = (struct licence_triple){hash_triple(first.hash, second.hash, third.hash),
                                                   first.start, third.end};
        first = second;
        second = third;
    }
    *ret = triples;
    return count;
}
