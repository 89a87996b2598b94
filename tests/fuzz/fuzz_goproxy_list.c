// SPDX-License-Identifier: Apache-2.0
/* A GOPROXY list: each entry that is accepted gives a URL that may be asked. */
#include <stdlib.h>

#include "verifier/fetch/proxy_list.h"
#include "verifier/fetch/transport.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static void check_place(const struct fetch_place *place, struct arena *arena)
{
    char shown[256];
    const char *url = fetch_place_url(place, "a.test/!b c/@v/v1.0.0.mod", arena);
    transport_show_url(url, shown, sizeof(shown));
    const char *scheme = place->http ? "http://" : "https://";
    const char *host = shown + strlen(scheme);
    if (strncmp(url, scheme, strlen(scheme)) != 0 || memchr(host, '@', strcspn(host, "/"))) {
        abort();
    }
    while (*url > ' ' && *url < 0x7f) {
        url++;
    }
    if (*url != '\0') {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct proxy_list list = {0};
    bool parsed = proxy_list_parse(bytes_from(data, len), &arena, &list, NULL);
    for (size_t i = 0; parsed && i < list.count; i++) {
        if (list.entries[i].kind == PROXY_PLACE && list.entries[i].place.url[0] != '\0') {
            check_place(&list.entries[i].place, &arena);
        }
    }
    arena_free(&arena);
    return 0;
}
