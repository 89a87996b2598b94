// SPDX-License-Identifier: Apache-2.0
#include "verifier/target/download.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "verifier/fetch/store.h"
#include "verifier/fetch/transport.h"

#define SHOWN_MAXIMUM 1024

bool download_is_address(const char *text)
{
    const char *colon = strstr(text, "://");
    for (const char *at = text; colon != NULL && at < colon; at++) {
        bool word = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || *at == '+';
        if (!word) {
            return false;
        }
    }
    return colon != NULL && colon > text;
}

/* One download while it runs. */
struct download {
    struct store *store;
    struct transport *transport;
    const struct target_settings *settings;
    const char *shown;
    struct transfer transfer;
    char key[SHA256_HEX_LEN + 1];
    int fd, lock;
    bool noted; /* the ETag, without which nothing can be gone on with */
};

static void on_progress(void *context, const struct transfer *transfers, size_t count)
{
    struct download *download = context;
    (void)count;
    if (!download->noted && transfers->etag[0] != '\0' && transfers->received > 0) {
        download->noted = store_partial_note(download->store, download->key, transfers->etag, NULL);
    }
    if (download->settings->progress != NULL) {
        download->settings->progress(download->settings->progress_context, download->shown,
                                     transfers->received, transfers->total);
    }
}

static bool open_parts(struct download *download, struct error *err)
{
    struct transport_settings settings = {.environment = (const char *const *)environ};
    struct transfer *transfer = &download->transfer;
    struct stat info;
    store_key(transfer->url, download->key);
    if (!store_open(download->settings->store, &download->store, err) ||
        !store_lock(download->store, download->key, &download->lock, err) ||
        !store_partial_open(download->store, download->key, &download->fd, transfer->etag,
                            sizeof(transfer->etag), err) ||
        !transport_open(&settings, &download->transport, err)) {
        return false;
    }
    if (fstat(download->fd, &info) != 0) {
        return error_errno(err, "cannot examine a partial download");
    }
    transfer->fd = download->fd;
    transfer->received = (uint64_t)info.st_size;
    download->noted = transfer->received > 0;
    return true;
}

static bool run(struct download *download, struct error *err)
{
    struct transfer *transfer = &download->transfer;
    if (!open_parts(download, err)) {
        return false;
    }
    bool ok = transport_run(download->transport, transfer, 1, on_progress, download, err);
    if (ok && !transfer->ok) {
        *err = transfer->error;
        ok = false;
    }
    on_progress(download, transfer, 1);
    /* What does not fit must not go on taking the room. */
    bool can_go_on = !ok && transfer->received > 0 && download->noted && err->code != ERROR_LIMIT &&
                     err->code != ERROR_ABSENT;
    if (!can_go_on) {
        store_partial_remove(download->store, download->key);
    }
    return ok;
}

static bool check_address(const char *url, const struct target_settings *settings,
                          struct error *err)
{
    if (strncmp(url, "https://", strlen("https://")) != 0) {
        error_set(err, ERROR_USAGE, "only https addresses are fetched");
        return error_cure(err, "use its https address, or download it and name the file");
    }
    if (settings->offline || settings->store == NULL) {
        error_set(err, ERROR_USAGE, "an address is not offline");
        return error_cure(err, "download it and name the file, or leave --offline out");
    }
    return true;
}

const char *download_show(const char *url, struct arena *arena)
{
    char *shown = arena_alloc(arena, SHOWN_MAXIMUM);
    transport_show_url(url, shown, SHOWN_MAXIMUM);
    return shown;
}

bool download_open(const char *url, const struct target_settings *settings, struct arena *arena,
                   int *ret, const char **ret_name, struct error *err)
{
    const char *shown = download_show(url, arena);
    struct error why = {0};
    struct download download = {.settings = settings, .shown = shown, .fd = -1, .lock = -1};
    download.transfer =
        (struct transfer){.url = url, .maximum = LIMIT_PACKAGE_BYTES, .large = true};
    bool ok = check_address(url, settings, &why) && run(&download, &why);
    transport_free(&download.transport);
    store_free(&download.store);
    fd_close(&download.lock);
    if (!ok) {
        fd_close(&download.fd);
        return error_pass(err, &why);
    }
    *ret = download.fd;
    *ret_name = shown;
    return true;
}
