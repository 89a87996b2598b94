// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/fetch/dirhash.h"
#include "verifier/fetch/fetch_internal.h"
#include "verifier/fetch/toolchain.h"
#include "verifier/fetch/unpack.h"

/* Something in the store is not what it was: noted, it is missing now and can be had again. */
static bool pass_over(struct fetch_job *job, struct error *failure, struct error *err)
{
    if (failure->code == ERROR_UNTRUSTED) {
        job->damage = *failure;
    } else if (failure->code != ERROR_ABSENT) {
        return error_pass(err, failure);
    }
    return true;
}

static bool look_for_tree(struct fetch_job *job, unsigned jobs, struct error *err)
{
    struct stored_tree tree = {.dir = -1};
    struct error failure = {0};
    job->needs_tree = true;
    if (job->h1 == NULL) {
        return true;
    }
    if (!store_tree_open(job->fetcher->store, job->h1, job->prefix, jobs, &job->arena, &tree,
                         &failure)) {
        return pass_over(job, &failure, err);
    }
    job->tree = tree.path;
    job->zip = tree.zip;
    job->needs_tree = false;
    stored_tree_free(&tree);
    return true;
}

static bool mod_name(const char *h1, char ret[SHA256_HEX_LEN + 1])
{
    struct sha256 digest;
    if (!dirhash_parse(h1, &digest)) {
        return false;
    }
    sha256_hex(&digest, ret);
    return true;
}

static bool look_for_mod(struct fetch_job *job, struct error *err)
{
    struct error failure = {0};
    char name[SHA256_HEX_LEN + 1];
    char found[H1_LEN + 1];
    struct bytes content;
    job->needs_mod = true;
    if (job->go_mod_h1 == NULL || !mod_name(job->go_mod_h1, name)) {
        return true;
    }
    if (!store_note_read(job->fetcher->store, "mods", name, LIMIT_SMALL_DOWNLOAD, &job->arena,
                         &content, &failure)) {
        return pass_over(job, &failure, err);
    }
    dirhash_go_mod(content, found);
    if (strcmp(found, job->go_mod_h1) != 0) {
        store_quarantine(job->fetcher->store, "mods", name, "it does not have its h1", &job->arena,
                         NULL);
        error_set(&job->damage, ERROR_UNTRUSTED, "the stored go.mod file was changed");
        return true;
    }
    job->go_mod = content;
    job->needs_mod = false;
    return true;
}

bool fetch_job_look(struct fetch_job *job, unsigned jobs, struct error *err)
{
    if (job->wants_tree && !look_for_tree(job, jobs, err)) {
        return false;
    }
    return look_for_mod(job, err);
}

/* The bytes at FOLDER/NAME contradict what was promised for them. */
static bool refuse(struct fetch_job *job, const char *folder, const char *name, const char *fact,
                   struct error *err)
{
    const char *moved;
    store_quarantine(job->fetcher->store, folder, name, fact, &job->arena, &moved);
    error_set(err, ERROR_UNTRUSTED, "%s; the bytes are kept as %s", fact, moved);
    return error_cure(err, "try another GOPROXY; show the bytes to whoever runs this one");
}

static bool complete_mod(struct fetch_job *job, struct error *err)
{
    struct store *store = job->fetcher->store;
    char found[H1_LEN + 1];
    char name[SHA256_HEX_LEN + 1];
    struct bytes content = arena_bytes(&job->arena, buffer_view(&job->mod_body));
    dirhash_go_mod(content, found);
    if (job->go_mod_h1 != NULL && strcmp(found, job->go_mod_h1) != 0) {
        const char *kept = arena_printf(&job->arena, "%s.mod", job->key);
        if (!store_note_write(store, "partial", kept, content, err)) {
            return false;
        }
        const char *fact =
            arena_printf(&job->arena, "the go.mod file that came has %s, the database promises %s",
                         found, job->go_mod_h1);
        return refuse(job, "partial", kept, fact, err);
    }
    if (!mod_name(found, name) || !store_note_write(store, "mods", name, content, err)) {
        return false;
    }
    job->go_mod_h1 = arena_string(&job->arena, found);
    job->go_mod = content;
    job->needs_mod = false;
    return true;
}

/* Unpacks the download beneath ROOT and computes its h1 from what lies there. */
static bool unpack_and_hash(struct fetch_job *job, int root, unsigned jobs, struct file_tree *files,
                            char h1[H1_LEN + 1], struct error *err)
{
    struct zip_directory directory;
    struct file_tree all;
    if (!unpack_module(job->partial, job->prefix, root, &job->arena, &directory, err) ||
        !file_tree_scan(root, &job->arena, files, err) ||
        !unpack_matches(&directory, job->prefix, files, err) ||
        !file_tree_hash(root, files, jobs, err)) {
        return false;
    }
    unpack_add_directories(&directory, job->prefix, files, &job->arena, &all);
    *files = all;
    return dirhash_tree(files, job->prefix, h1, err);
}

static bool is_about_content(enum error_code code)
{
    return code == ERROR_FORMAT || code == ERROR_UNSUPPORTED || code == ERROR_UNTRUSTED;
}

/* Two halves may be of two files: a server's mistake, or ours. The next try begins anew. */
static bool refuse_resumed(struct error *err)
{
    error_set(err, ERROR_NETWORK, "the continued download is not one whole");
    return error_cure(err, "try again: it will begin anew");
}

/* Unpacking failed. Bytes that are no module zip go to the quarantine; a full disk leaves nothing.
 */
static bool unpack_failed(struct fetch_job *job, struct error *err)
{
    if (!is_about_content(err->code)) {
        return false;
    }
    if (job->resumed) {
        return refuse_resumed(err);
    }
    enum error_code code = job->exempt ? err->code : ERROR_UNTRUSTED;
    const char *fact = arena_printf(&job->arena, "no acceptable module zip: %s", err->message);
    refuse(job, "partial", job->key, fact, err);
    err->code = code;
    return false;
}

static bool publish(struct fetch_job *job, struct workspace *draft, struct file_tree *files,
                    const char *h1, int root, struct error *err)
{
    struct store *store = job->fetcher->store;
    char name[SHA256_HEX_LEN + 1];
    if ((job->is_toolchain && !toolchain_finish(root, files, &job->arena, err)) ||
        !store_object_adopt(store, job->key, job->partial, &job->zip, err) ||
        !store_tree_publish(store, draft, h1, files, &job->zip, err) || !mod_name(h1, name)) {
        return false;
    }
    job->h1 = arena_string(&job->arena, h1);
    job->tree = arena_printf(&job->arena, "%s/trees/%s/tree", store_path(store), name);
    job->needs_tree = false;
    return true;
}

static bool complete_tree_in(struct fetch_job *job, struct workspace *draft, int root,
                             unsigned jobs, struct error *err)
{
    struct file_tree files;
    char h1[H1_LEN + 1];
    struct error failure = {0};
    if (!unpack_and_hash(job, root, jobs, &files, h1, &failure)) {
        unpack_failed(job, &failure);
        return error_pass(err, &failure);
    }
    if (job->h1 != NULL && strcmp(h1, job->h1) != 0 && job->resumed) {
        return refuse_resumed(err);
    }
    if (job->h1 != NULL && strcmp(h1, job->h1) != 0) {
        const char *fact =
            arena_printf(&job->arena, "the zip that came has %s, the %s %s", h1,
                         job->exempt ? "one before had" : "database promises", job->h1);
        return refuse(job, "partial", job->key, fact, err);
    }
    return publish(job, draft, &files, h1, root, err);
}

static bool complete_tree(struct fetch_job *job, unsigned jobs, struct error *err)
{
    struct workspace draft = {.dir = -1, .parent = -1, .lock = -1};
    AUTO_FD int root = -1;
    if (!store_draft(job->fetcher->store, &job->arena, &draft, &root, err)) {
        return false;
    }
    bool ok = complete_tree_in(job, &draft, root, jobs, err);
    workspace_free(&draft);
    return ok;
}

/* What an exempt module was found to be, for the next time and for work without network. */
static bool note_exempt(struct fetch_job *job, struct error *err)
{
    const char *text =
        arena_printf(&job->arena, "%s\n%s\n", job->h1 == NULL ? "-" : job->h1, job->go_mod_h1);
    return store_note_write(job->fetcher->store, "exempt", job->key, bytes_from_string(text), err);
}

bool fetch_job_complete(struct fetch_job *job, unsigned jobs, struct error *err)
{
    if ((job->mod_request != NULL && !complete_mod(job, err)) ||
        (job->zip_request != NULL && !complete_tree(job, jobs, err)) ||
        (job->exempt && !note_exempt(job, err))) {
        return false;
    }
    fd_close(&job->partial);
    fd_close(&job->lock);
    return true;
}

void fetch_job_clear(struct fetch_job *job)
{
    bool can_go_on = job->broken_off && job->resume.received > 0 && job->etag_noted;
    if (job->partial >= 0 && !can_go_on) {
        store_partial_remove(job->fetcher->store, job->key);
    }
    fd_close(&job->partial);
    fd_close(&job->lock);
    buffer_free(&job->mod_body);
    arena_free(&job->arena);
}
