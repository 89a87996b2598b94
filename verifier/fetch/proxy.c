// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/proxy.h"

#include <stdlib.h>

#include "base/json_read.h"
#include "verifier/fetch/module_path.h"
#include "verifier/fetch/proxy_internal.h"

bool proxy_open(const struct settings *settings, struct transport *transport, struct proxy **ret,
                struct error *err)
{
    struct proxy *proxy = calloc(1, sizeof(*proxy));
    if (proxy == NULL) {
        return error_set(err, ERROR_INTERNAL, "out of memory");
    }
    proxy->transport = transport;
    proxy->settings = (struct settings){
        .goproxy = arena_string(&proxy->arena, settings->goproxy),
        .gonoproxy = arena_string(&proxy->arena, settings->gonoproxy),
    };
    struct bytes list = bytes_from_string(proxy->settings.goproxy);
    if (!proxy_list_parse(list, &proxy->arena, &proxy->list, err)) {
        proxy_free(&proxy);
        return false;
    }
    *ret = proxy;
    return true;
}

void proxy_free(struct proxy **proxy)
{
    if (*proxy != NULL) {
        arena_free(&(*proxy)->arena);
        free(*proxy);
        *proxy = NULL;
    }
}

bool proxy_get(struct proxy *proxy, struct proxy_request *requests, size_t count,
               proxy_progress *progress, void *context, struct error *err)
{
    AUTO(arena) struct arena arena = {0};
    struct walk *walks = ARENA_ARRAY(&arena, count, struct walk);
    for (size_t i = 0; i < count; i++) {
        requests[i].ok = false;
        requests[i].size = 0;
        requests[i].entry = 0;
        requests[i].status = 0;
        requests[i].error = (struct error){0};
        walks[i].request = &requests[i];
    }
    return walk_all(proxy, walks, count, progress, context, err);
}

static const char *text_of(const struct cJSON *object, const char *key, struct arena *arena)
{
    const char *value = json_member_string(object, key);
    return arena_string(arena, value == NULL ? "" : value);
}

static struct module_info info_of(const struct cJSON *root, struct arena *arena)
{
    const struct cJSON *origin = json_member(root, "Origin");
    return (struct module_info){
        .version = text_of(root, "Version", arena),
        .time = text_of(root, "Time", arena),
        .origin_vcs = text_of(origin, "VCS", arena),
        .origin_url = text_of(origin, "URL", arena),
        .origin_hash = text_of(origin, "Hash", arena),
        .origin_ref = text_of(origin, "Ref", arena),
    };
}

bool proxy_read_info(struct bytes body, const char *path, const char *query, struct arena *arena,
                     struct module_info *ret, struct error *err)
{
    AUTO(json_document) struct json_document *document = NULL;
    struct error problem;
    if (!json_parse(body, &document, &problem) || !json_is_object(json_root(document))) {
        return error_set(err, ERROR_NETWORK, "the .info file is not a JSON object");
    }
    struct module_info info = info_of(json_root(document), arena);
    if (info.version[0] == '\0' || !module_check(path, info.version, &problem)) {
        return error_set(err, ERROR_NETWORK, "the .info file names no version of %s", path);
    }
    bool is_version = query != NULL && module_check(path, query, &problem);
    if (is_version && strcmp(info.version, query) != 0) {
        return error_set(err, ERROR_UNTRUSTED, "asked for version %s, the .info file is of %s",
                         query, info.version);
    }
    *ret = info;
    return true;
}
