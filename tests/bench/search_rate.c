// SPDX-License-Identifier: Apache-2.0
/* As many candidates of link flags as are asked for, hashed by one core; or the tails of as many,
 * by OpenSSL alone, which is the least that a search can cost.
 *
 *     search_rate ours|openssl COUNT
 *
 * The link's texts are as long as those of a program that serves HTTP: 704 bytes before the flags,
 * 9,740 behind them. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verifier/recipe/link_search.h"

#define BEFORE_LEN 704
#define BEHIND_LEN 9740

static uint8_t behind[BEHIND_LEN];

static struct link_hash made_hash(void)
{
    uint8_t before[BEFORE_LEN];
    memset(before, 'b', sizeof(before));
    struct link_hash hash = {.before = digest_new(DIGEST_SHA256),
                             .behind = bytes_from(behind, sizeof(behind)),
                             .part1 = ""};
    digest_update(hash.before, bytes_from(before, sizeof(before)));
    return hash;
}

/* None of them fits, so all are tried. */
static bool run_ours(uint64_t count)
{
    static const struct flag_group groups[] = {
        {{"-s"}, 1},        {{"-w"}, 1}, {{"-X", "main.version=1.2.3"}, 2},
        {{"-buildid="}, 1}, {{"-s"}, 1}, {{"-X", "main.commit=75f99ff3"}, 2},
        {{"-w"}, 1},        {{"-d"}, 1}, {{"-extldflags=-static"}, 1},
        {{"-a"}, 1},
    };
    const struct group_orders orders = {groups, ARRAY_LEN(groups)};
    struct arena arena = {0};
    struct link_hash hash = made_hash();
    struct link_find find;
    const struct link_search search = {
        .hash = &hash,
        .part1 = "--------------------",
        .spell = group_orders_spell,
        .context = &orders,
        .total = group_orders_total(&orders),
        .most = count,
        .jobs = 1,
    };
    bool found = link_search_run(&search, &arena, &find);
    bool all = !found && find.tried == count;
    printf("%.0f candidates a second\n", (double)find.tried / find.seconds);
    link_hash_free(&hash);
    arena_free(&arena);
    return all;
}

static bool run_openssl(uint64_t count)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char digest[EVP_MAX_MD_SIZE];
    bool ok = context != NULL;
    for (uint64_t i = 0; i < count && ok; i++) {
        ok = EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
             EVP_DigestUpdate(context, behind, sizeof(behind)) == 1 &&
             EVP_DigestFinal_ex(context, digest, NULL) == 1;
    }
    EVP_MD_CTX_free(context);
    return ok;
}

int main(int argc, char **argv)
{
    uint64_t count = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
    if (count == 0) {
        fputs("usage: search_rate ours|openssl COUNT\n", stderr);
        return 2;
    }
    memset(behind, 'a', sizeof(behind));
    bool ok = strcmp(argv[1], "ours") == 0 ? run_ours(count) : run_openssl(count);
    return ok ? 0 : 1;
}
