// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/proxy_internal.h"

#include "base/limits.h"
#include "verifier/fetch/proxy_place.h"
#include "verifier/fetch/sumdb_operations.h"

/* "/supported" is empty where it is there; more than a page is something else. */
#define SUPPORTED_MAXIMUM (64 * KIB)

bool proxy_set_database(struct proxy *proxy, const char *name, const char *url, struct error *err)
{
    const char *address = arena_printf(&proxy->arena, "https://%s", name);
    struct fetch_place itself;
    /* The address must be nothing but https, a host and a path. */
    if (!fetch_place_parse(bytes_from_string(address), &proxy->arena, &itself, err) ||
        itself.credentials || itself.query[0] != '\0' || strcmp(itself.url, address) != 0) {
        return error_set(err, ERROR_USAGE, "GOSUMDB: \"%s\" is no name of a database (host[/path])",
                         name);
    }
    if (url[0] != '\0' && !fetch_place_parse(bytes_from_string(url), &proxy->arena, &itself, err)) {
        return error_prefix(err, "the second word of GOSUMDB");
    }
    proxy->database = arena_string(&proxy->arena, name);
    proxy->database_itself = itself;
    proxy->database_bypasses = url[0] != '\0';
    proxy->database_found = false;
    proxy->database_error = (struct error){0};
    return true;
}

/* The place of the database behind the proxy PLACE. */
static struct fetch_place behind(struct proxy *proxy, const struct fetch_place *place)
{
    struct fetch_place database = *place;
    struct arena *arena = &proxy->arena;
    if (place->directory[0] != '\0') {
        database.directory = arena_printf(arena, "%s/sumdb/%s", place->directory, proxy->database);
    } else {
        database.url = arena_printf(arena, "%s/sumdb/%s", place->url, proxy->database);
    }
    return database;
}

/* Asks the proxies one after another whether they stand in for the database. One that says yes is
 * used from then on and never gone round; only if none has it is the database itself asked. */
static bool find_database(struct proxy *proxy, struct error *err)
{
    struct buffer body;
    buffer_init(&body, SUPPORTED_MAXIMUM);
    struct proxy_request request = {
        .suffix = arena_printf(&proxy->arena, "sumdb/%s/supported", proxy->database),
        .maximum = SUPPORTED_MAXIMUM,
        .fd = -1,
        .body = &body,
    };
    struct walk walk = {.request = &request};
    bool asked = walk_all(proxy, &walk, 1, NULL, NULL, err);
    buffer_free(&body);
    if (!asked) {
        return false;
    }
    if (request.ok) {
        proxy->database_place = behind(proxy, &proxy->list.entries[request.entry - 1].place);
    } else if (walk.best_not_exist) {
        proxy->database_place = proxy->database_itself;
    } else {
        proxy->database_error = request.error;
        error_prefix(&proxy->database_error, "checksum database %s", proxy->database);
        /* 403 here is no word on any module. */
        proxy->database_error.code = ERROR_NETWORK;
    }
    proxy->database_found = true;
    return true;
}

static bool settle_place(struct proxy *proxy, struct error *err)
{
    if (proxy->database == NULL) {
        return error_set(err, ERROR_INTERNAL, "no checksum database was named");
    }
    if (!proxy->database_found && proxy->database_bypasses) {
        proxy->database_place = proxy->database_itself;
        proxy->database_found = true;
    }
    if (!proxy->database_found && !find_database(proxy, err)) {
        return false;
    }
    if (proxy->database_error.code != ERROR_NONE) {
        *err = proxy->database_error;
        return false;
    }
    return true;
}

static void refuse_all(struct sumdb_request *requests, size_t count, const struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        requests[i].error = *err;
    }
}

static void take_over(struct sumdb_request *request, const struct transfer *transfer)
{
    request->error = transfer->ok ? (struct error){0} : transfer->error;
    request->withheld = !transfer->ok && transfer->status == 403;
}

static void copy_all(const struct fetch_place *place, struct sumdb_request *requests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct transfer transfer = {
            .maximum = requests[i].content.maximum, .fd = -1, .body = &requests[i].content};
        place_copy(place, requests[i].path, &transfer);
        take_over(&requests[i], &transfer);
    }
}

static bool get_all(struct proxy *proxy, struct sumdb_request *requests, size_t count,
                    struct error *err)
{
    AUTO(arena) struct arena arena = {0};
    struct transfer *transfers = ARENA_ARRAY(&arena, count, struct transfer);
    for (size_t i = 0; i < count; i++) {
        transfers[i] = (struct transfer){
            .maximum = requests[i].content.maximum, .fd = -1, .body = &requests[i].content};
        if (!place_address(&proxy->database_place, requests[i].path, &arena, &transfers[i], err)) {
            return false;
        }
    }
    if (!transport_run(proxy->transport, transfers, count, NULL, NULL, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        take_over(&requests[i], &transfers[i]);
    }
    return true;
}

void proxy_get_database(void *context, struct sumdb_request *requests, size_t count)
{
    struct proxy *proxy = context;
    struct error err = {0};
    if (!settle_place(proxy, &err)) {
        refuse_all(requests, count, &err);
    } else if (proxy->database_place.directory[0] != '\0') {
        copy_all(&proxy->database_place, requests, count);
    } else if (!get_all(proxy, requests, count, &err)) {
        refuse_all(requests, count, &err);
    }
}
