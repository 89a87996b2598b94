// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksums.h"
#include "base/file.h"
#include "base/file_batch.h"
#include "base/interrupt.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "cli/command.h"
#include "cli/passphrase.h"
#include "signer/key_load.h"
#include "signer/signature.h"
#include "verifier/fetch/parallel.h"
#include "verifier/inspect.h"

struct settings {
    struct common_settings common;
    const char *key, *comment, *passphrase_fd, *checksums;
    struct strings formats;
};

struct run {
    const struct invocation *invocation;
    const struct settings *settings;
    const struct signature_format **formats;
    size_t format_count;
    unsigned parts;
    struct signing_key *key;
    struct buffer *signatures;   /* of each file, one a format */
    pthread_mutex_t mutex;       /* guards what follows, while files are signed side by side */
    struct inspector *inspector; /* NULL until a program is signed by minisign */
    size_t done, failed;
    struct file_batch batch;
    const char **written; /* paths, in order */
    size_t written_count, written_capacity;
    uint64_t now;
    const char *object; /* the file at hand, for errors */
};

static bool choose_formats(struct run *run, struct error *err)
{
    static const char *const usual[] = {"minisign"};
    const struct strings *given = &run->settings->formats;
    size_t count = given->count == 0 ? ARRAY_LEN(usual) : given->count;
    run->formats = ARENA_ARRAY(run->invocation->arena, count, const struct signature_format *);
    for (size_t i = 0; i < count; i++) {
        const char *name = given->count == 0 ? usual[i] : given->items[i];
        if (!signature_format_find(name, &run->formats[i], err)) {
            return false;
        }
        for (size_t j = 0; j < i; j++) {
            if (run->formats[j] == run->formats[i]) {
                return error_set(err, ERROR_USAGE, "--format names %s twice", name);
            }
        }
        run->parts |= run->formats[i]->parts;
    }
    run->format_count = count;
    return true;
}

/* The time that goes into trusted comments: a build that wants equal bytes sets SOURCE_DATE_EPOCH.
 */
static bool settle_time(struct run *run, struct error *err)
{
    const char *fixed = getenv("SOURCE_DATE_EPOCH");
    run->now = (uint64_t)time(NULL);
    return fixed == NULL || scan_number(bytes_from_string(fixed), INT64_MAX, &run->now) ||
           error_set(err, ERROR_USAGE, "SOURCE_DATE_EPOCH is no number of seconds: %s", fixed);
}

static bool signs_by(const struct run *run, const struct signature_format *format)
{
    for (size_t i = 0; i < run->format_count; i++) {
        if (run->formats[i] == format) {
            return true;
        }
    }
    return false;
}

/* What a program says of itself goes into the comment, so that an old version or another platform's
 * file cannot pass for the one that was asked for. No other file has anything to say. */
static bool inspect_program(struct run *run, int fd, const char *name, struct arena *arena,
                            struct inspection **ret)
{
    size_t count;
    pthread_mutex_lock(&run->mutex);
    bool ok = (run->inspector != NULL || inspector_open(0, &run->inspector, NULL)) &&
              inspector_run(run->inspector, fd, name, arena, ret, &count, NULL) && count == 1;
    pthread_mutex_unlock(&run->mutex);
    return ok;
}

static const char *program_fields(struct run *run, int fd, const char *name, struct arena *arena)
{
    struct source source;
    struct inspection *found;
    if (!source_from_fd(fd, &source, NULL) || image_detect(&source) == IMAGE_UNKNOWN ||
        !inspect_program(run, fd, name, arena, &found)) {
        return "";
    }
    const char *version = found[0].has_buildinfo ? found[0].info.main.version : "";
    bool has_version = version[0] != '\0' && strchr(version, '\t') == NULL;
    return arena_printf(arena, "\tplatform:%s/%s%s%s", found[0].goos, found[0].goarch,
                        has_version ? "\tversion:" : "", has_version ? version : "");
}

static const char *trusted_comment(struct run *run, int fd, const char *name, struct arena *arena)
{
    const char *own = run->settings->comment;
    if (!signs_by(run, &signature_format_minisign)) {
        return "";
    }
    return arena_printf(arena, "timestamp:%llu\tfile:%s\thashed%s%s%s",
                        (unsigned long long)run->now, name,
                        fd < 0 ? "" : program_fields(run, fd, name, arena), own == NULL ? "" : "\t",
                        own == NULL ? "" : own);
}

static void note_written(struct run *run, const char *path)
{
    struct arena *arena = run->invocation->arena;
    arena_grow(arena, &run->written, run->written_count, &run->written_capacity, sizeof(path));
    run->written[run->written_count++] = arena_string(arena, path);
}

static bool add_file(struct run *run, const char *path, struct bytes content, struct error *err)
{
    note_written(run, path);
    return file_batch_add(&run->batch, path, 0644, true, content, err);
}

/* MESSAGE's signature in every format, into the buffers OUT. */
static bool make_signatures(const struct run *run, const struct message *message,
                            const char *comment, struct buffer *out, struct error *err)
{
    struct signing signing = {.key = run->key, .message = message, .trusted_comment = comment};
    for (size_t i = 0; i < run->format_count; i++) {
        buffer_init(&out[i], LIMIT_SIGNATURE_FILE);
    }
    for (size_t i = 0; i < run->format_count; i++) {
        if (!run->formats[i]->write(&signing, &out[i], err)) {
            return false;
        }
    }
    return true;
}

/* The signatures in the buffers SIGNATURES become files beside PATH. */
static bool add_signatures(struct run *run, const char *path, const struct buffer *signatures,
                           struct error *err)
{
    struct arena arena = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < run->format_count; i++) {
        ok = add_file(run, arena_printf(&arena, "%s%s", path, run->formats[i]->suffix),
                      buffer_view(&signatures[i]), err);
    }
    arena_free(&arena);
    return ok;
}

static void note_progress(struct run *run, size_t index, bool ok)
{
    pthread_mutex_lock(&run->mutex);
    if (!ok && index < run->failed) {
        run->failed = index;
    }
    run->done++;
    terminal_progress(run->invocation->terminal, false, "signing %zu of %zu", run->done,
                      run->invocation->operands.count);
    pthread_mutex_unlock(&run->mutex);
}

/* Runs in several threads. */
static bool sign_file(void *context, size_t index, struct error *err)
{
    struct run *run = context;
    const char *path = run->invocation->operands.items[index];
    struct arena arena = {0};
    AUTO_FD int fd = -1;
    struct source source;
    struct message message;
    bool ok = interrupt_check(err) && file_open_input(AT_FDCWD, path, &fd, err) &&
              source_from_fd(fd, &source, err) &&
              message_read(&source, run->parts, -1, &arena, &message, err) &&
              make_signatures(run, &message, trusted_comment(run, fd, file_base_name(path), &arena),
                              &run->signatures[index * run->format_count], err);
    arena_free(&arena);
    note_progress(run, index, ok);
    return ok;
}

/* An agent answers one question at a time. */
static unsigned jobs(const struct run *run)
{
    return signing_key_seed(run->key).len == 0 ? 1 : run->settings->common.jobs;
}

static bool sign_each(struct run *run, struct error *err)
{
    const struct strings *files = &run->invocation->operands;
    run->signatures =
        ARENA_ARRAY(run->invocation->arena, files->count * run->format_count, struct buffer);
    run->failed = files->count;
    bool ok = parallel_run(jobs(run), files->count, sign_file, run, err);
    run->object = run->failed < files->count ? files->items[run->failed] : NULL;
    for (size_t i = 0; i < files->count; i++) {
        struct buffer *signatures = &run->signatures[i * run->format_count];
        ok = ok && add_signatures(run, files->items[i], signatures, err);
        for (size_t k = 0; k < run->format_count; k++) {
            buffer_free(&signatures[k]);
        }
    }
    return ok;
}

/* Signs MESSAGE, the content of the new file PATH, in every format. */
static bool sign_message(struct run *run, const char *path, const struct message *message,
                         const char *comment, struct arena *arena, struct error *err)
{
    struct buffer *signatures = ARENA_ARRAY(arena, run->format_count, struct buffer);
    bool ok = make_signatures(run, message, comment, signatures, err) &&
              add_signatures(run, path, signatures, err);
    for (size_t i = 0; i < run->format_count; i++) {
        buffer_free(&signatures[i]);
    }
    return ok;
}

static bool hash_file(const char *path, struct checksum *ret, struct error *err)
{
    AUTO_FD int fd = -1;
    struct source source;
    ret->name = bytes_from_string(file_base_name(path));
    return checksum_name_check(ret->name, err) && file_open_input(AT_FDCWD, path, &fd, err) &&
           source_from_fd(fd, &source, err) && sha256_source(&source, &ret->digest, err);
}

static bool hash_all(struct run *run, struct checksum *entries, struct error *err)
{
    const struct strings *files = &run->invocation->operands;
    for (size_t i = 0; i < files->count; i++) {
        run->object = files->items[i];
        if (!interrupt_check(err) || !hash_file(files->items[i], &entries[i], err)) {
            return false;
        }
    }
    run->object = NULL;
    return checksums_sort(entries, files->count, err);
}

static bool read_text(struct bytes text, unsigned parts, struct arena *arena, struct message *ret,
                      struct error *err)
{
    struct source source = source_from_bytes(text);
    return message_read(&source, parts, -1, arena, ret, err);
}

/* signify has a list of its own kind: signed, with the text it is over behind the signature. */
static bool sign_signify_list(struct run *run, const struct checksum *entries, const char *folder,
                              struct arena *arena, struct error *err)
{
    struct buffer list;
    struct buffer out;
    struct message message;
    buffer_init(&list, LIMIT_CHECKSUM_LIST);
    buffer_init(&out, LIMIT_CHECKSUM_LIST + LIMIT_SIGNATURE_FILE);
    for (size_t i = 0; i < run->invocation->operands.count; i++) {
        checksums_put_bsd(&list, &entries[i]);
    }
    bool ok = buffer_ok(&list) ||
              error_set(err, ERROR_LIMIT, "a list of more than %llu bytes", LIMIT_CHECKSUM_LIST);
    ok = ok && read_text(buffer_view(&list), MESSAGE_CONTENT, arena, &message, err);
    struct signing signing = {.key = run->key, .message = &message};
    ok = ok && signature_format_signify.write(&signing, &out, err);
    buffer_append(&out, buffer_view(&list));
    ok = ok && add_file(run, arena_printf(arena, "%s%s", folder, CHECKSUMS_SIGNIFY_NAME),
                        buffer_view(&out), err);
    buffer_free(&list);
    buffer_free(&out);
    return ok;
}

static bool sign_gnu_list(struct run *run, const struct checksum *entries, struct arena *arena,
                          struct error *err)
{
    const char *path = run->settings->checksums;
    struct buffer list;
    struct message message;
    buffer_init(&list, LIMIT_CHECKSUM_LIST);
    for (size_t i = 0; i < run->invocation->operands.count; i++) {
        checksums_put(&list, &entries[i]);
    }
    bool ok = buffer_ok(&list) ||
              error_set(err, ERROR_LIMIT, "a list of more than %llu bytes", LIMIT_CHECKSUM_LIST);
    ok = ok && read_text(buffer_view(&list), run->parts, arena, &message, err) &&
         add_file(run, path, buffer_view(&list), err) &&
         sign_message(run, path, &message, trusted_comment(run, -1, file_base_name(path), arena),
                      arena, err);
    buffer_free(&list);
    return ok;
}

/* One list of checksums, signed once, in place of a signature for each file. */
static bool sign_list(struct run *run, struct error *err)
{
    struct arena arena = {0};
    const char *path = run->settings->checksums;
    size_t folder_len = (size_t)(file_base_name(path) - path);
    const char *folder = arena_text(&arena, bytes_from(path, folder_len));
    struct checksum *entries =
        ARENA_ARRAY(&arena, run->invocation->operands.count, struct checksum);
    bool ok = hash_all(run, entries, err) && sign_gnu_list(run, entries, &arena, err);
    if (ok && signs_by(run, &signature_format_signify)) {
        ok = sign_signify_list(run, entries, folder, &arena, err);
    }
    arena_free(&arena);
    return ok;
}

static enum outcome tell(struct run *run)
{
    struct buffer out;
    struct json_writer json;
    char fingerprint[KEY_FINGERPRINT_LEN + 1];
    key_fingerprint(&signing_key_public(run->key)->point, fingerprint);
    buffer_init(&out, GIB);
    if (run->settings->common.json) {
        json_writer_init(&json, &out, false);
        json_object(&json, NULL);
        json_string(&json, "schema", "reproof/sign/v1");
        json_string(&json, "key", fingerprint);
        json_array(&json, "written");
        for (size_t i = 0; i < run->written_count; i++) {
            json_string(&json, NULL, run->written[i]);
        }
        json_array_end(&json);
        json_object_end(&json);
    } else {
        for (size_t i = 0; i < run->written_count; i++) {
            buffer_printf(&out, "%s\n", run->written[i]);
        }
    }
    enum outcome outcome = command_finish(run->invocation, &out, OUTCOME_HOLDS);
    buffer_free(&out);
    return outcome;
}

static bool load_key(struct run *run, struct error *err)
{
    struct passphrase_place place;
    if (run->settings->key == NULL) {
        error_set(err, ERROR_USAGE, "no key to sign with");
        return error_cure(err, "--key FILE; reproof key new -o FILE makes one");
    }
    if (!secret_forbid_dumps(err) || !passphrase_place(run->settings->passphrase_fd, &place, err)) {
        return false;
    }
    struct passphrase_source source = passphrase_source(&place);
    return signing_key_load(run->settings->key, &source, &run->key, err);
}

static bool act(struct run *run, struct error *err)
{
    return choose_formats(run, err) && settle_time(run, err) && load_key(run, err) &&
           (run->settings->checksums != NULL ? sign_list(run, err) : sign_each(run, err)) &&
           file_batch_commit(&run->batch, err);
}

static enum outcome run_sign(const struct invocation *invocation)
{
    struct run run = {.invocation = invocation,
                      .settings = invocation->settings,
                      .mutex = PTHREAD_MUTEX_INITIALIZER};
    struct error err;
    bool ok = act(&run, &err);
    pthread_mutex_destroy(&run.mutex);
    file_batch_free(&run.batch);
    inspector_free(&run.inspector);
    enum outcome outcome =
        ok ? tell(&run) : command_fail(invocation, run.object, &err, outcome_of_input_error(&err));
    signing_key_free(&run.key);
    return outcome;
}

static const struct option options[] = {
    {"key", "KEY", "the secret key: a file, env:NAME, fd:N; a public key's file means ssh-agent",
     OPTION_STRING, offsetof(struct settings, key)},
    {"format", "LIST", "minisign (the default), signify, ssh, sigstore, raw", OPTION_LIST,
     offsetof(struct settings, formats)},
    {"comment", "TEXT", "put into minisign's trusted comment, behind the rest", OPTION_STRING,
     offsetof(struct settings, comment)},
    {"checksums", "LIST", "write one list of SHA-256 checksums and sign that, not each file",
     OPTION_STRING, offsetof(struct settings, checksums)},
    {"passphrase-fd", "N", "read the passphrase from descriptor N", OPTION_STRING,
     offsetof(struct settings, passphrase_fd)},
};

const struct command command_sign = {
    .name = "sign",
    .arguments = "FILE...",
    .summary = "sign files, in the formats of the tools people have",
    .details =
        "Writes beside each FILE: FILE.minisig (minisign), FILE.signify (signify), FILE.sshsig\n"
        "(ssh-keygen -Y verify -n file), FILE.sigstore.json (cosign), FILE.sig (raw: openssl\n"
        "pkeyutl). All at once or none; the paths are printed.\n"
        "With --checksums SHA256SUMS, the list is in sha256sum's form, signed in each format; "
        "with\n"
        "signify among them, SHA256.sig beside it is signify -C's.",
    .options = {options, ARRAY_LEN(options)},
    .settings_size = sizeof(struct settings),
    .least_operands = 1,
    .run = run_sign,
};
