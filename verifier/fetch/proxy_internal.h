/* The walk over a GOPROXY list, shared by modules (proxy.c) and the database (proxy_database.c). */
#pragma once

#include "verifier/fetch/proxy.h"

struct proxy {
    struct arena arena;
    struct settings settings;
    struct proxy_list list;
    struct transport *transport;
    /* The checksum database; where it is, is found out at its first use. */
    const char *database;
    struct fetch_place database_itself;
    bool database_bypasses, database_found;
    struct fetch_place database_place;
    struct error database_error;
};

/* How telling an error is; Go reports the best one (modfetch.TryProxies). */
enum walk_rank { WALK_NOT_EXIST, WALK_PROXY, WALK_DIRECT };

/* One request on its way through the list. */
struct walk {
    struct proxy_request *request;
    size_t at; /* the entry that is asked now */
    bool over;
    struct error best;
    enum walk_rank rank;
    bool best_not_exist;
    bool refused; /* some entry failed otherwise than by 403, 404, 410, off or direct */
};

/* Takes COUNT walks to their ends. False as proxy_get. */
CHECKED bool walk_all(struct proxy *proxy, struct walk *walks, size_t count,
                      proxy_progress *progress, void *context, struct error *err);
