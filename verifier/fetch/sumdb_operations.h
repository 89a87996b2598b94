/* What the checksum database client needs from the world, so that a test can be the world.
 *
 * Names and content come from the network or from a cache that anybody may have written to: nothing
 * here is believed before it is proven. */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

struct sumdb_request {
    const char *path;      /* below the database's address: "/latest", "/tile/8/0/x001/234" */
    struct buffer content; /* empty, with its maximum set; the answer's body comes here */
    /* ERROR_NONE if the content is there; ERROR_ABSENT for 404 and 410; ERROR_LIMIT if it is longer
     * than the maximum; else what hindered it. */
    struct error error;
    bool withheld; /* the error is status 403: no word on whether the database has it */
};

struct sumdb_operations {
    void *context;

    /* Gets all of REQUESTS, best at the same time; each has its own outcome. */
    void (*get_many)(void *context, struct sumdb_request *requests, size_t count);

    /* The cached content NAME ("lookup/...", "tile/8/..."), at most MAXIMUM bytes, into ARENA;
     * false if it is not there or cannot be read. */
    bool (*cache_read)(void *context, const char *name, uint64_t maximum, struct arena *arena,
                       struct bytes *ret);

    /* Keeps proven content as NAME, replacing what is there. */
    bool (*cache_write)(void *context, const char *name, struct bytes content, struct error *err);

    /* Puts away cached content that was found to be false. */
    void (*cache_drop)(void *context, const char *name);
};
