// SPDX-License-Identifier: Apache-2.0
#include "cli/gate_shard.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "cli/passphrase.h"
#include "signer/key_format.h"
#include "signer/key_load.h"
#include "signer/signature.h"

#define SHARD_NAME "shard.json"
#define SHARD_SCHEMA "reproof/shard/v1"

/* -- which part -- */

/* Engines and the variables by which they tell a job its place. */
static const struct engine {
    const char *name, *index, *count, *first; /* count NULL: auto/N says it */
    unsigned base;                            /* what the engine counts from, unless FIRST says */
} engines[] = {
    {"Slurm", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN", 0},
    {"Kubernetes", "JOB_COMPLETION_INDEX", NULL, NULL, 0},
    {"GitLab", "CI_NODE_INDEX", "CI_NODE_TOTAL", NULL, 1},
    {"Buildkite", "BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", NULL, 0},
    {"AWS Batch", "AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE", NULL, 0},
};

static bool read_variable(const char *name, uint64_t *ret, struct error *err)
{
    const char *text = name == NULL ? NULL : getenv(name);
    if (text == NULL || !scan_number(bytes_from_string(text), UINT32_MAX, ret)) {
        return error_set(err, ERROR_USAGE, "%s is not set to a number",
                         name == NULL ? "the number of shards" : name);
    }
    return true;
}

static bool find_engine(const struct engine *engine, uint64_t given, struct shard_place *ret,
                        struct error *err)
{
    uint64_t index, count = given, first = engine->base;
    if (!read_variable(engine->index, &index, err) ||
        (count == 0 && !read_variable(engine->count, &count, err)) ||
        (given == 0 && engine->first != NULL && !read_variable(engine->first, &first, err))) {
        return error_prefix(err, "--shard auto (%s)", engine->name);
    }
    if (index < first || index - first >= count || count > LIMIT_SHARDS) {
        return error_set(err, ERROR_USAGE, "--shard auto (%s): %s is %llu, of %llu from %llu",
                         engine->name, engine->index, (unsigned long long)index,
                         (unsigned long long)count, (unsigned long long)first);
    }
    *ret = (struct shard_place){(unsigned)(index - first), (unsigned)count};
    return true;
}

static bool find_auto(uint64_t given, struct shard_place *ret, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(engines); i++) {
        if (getenv(engines[i].index) != NULL) {
            return find_engine(&engines[i], given, ret, err);
        }
    }
    error_set(err, ERROR_USAGE, "--shard auto: no engine tells which shard this is");
    return error_cure(err, "--shard I/N, with I from 0 to N-1");
}

bool shard_place_find(const char *text, struct shard_place *ret, struct error *err)
{
    struct bytes index = bytes_from_string(text == NULL ? "0/1" : text);
    struct bytes count = bytes_from(NULL, 0);
    uint64_t i = 0, n = 0;
    bool has_count = scan_cut(index, '/', &index, &count);
    if (has_count && (!scan_number(count, LIMIT_SHARDS, &n) || n == 0)) {
        return error_set(err, ERROR_USAGE, "--shard %s: the number of shards is 1 to %d", text,
                         LIMIT_SHARDS);
    }
    if (bytes_equal_string(index, "auto")) {
        return find_auto(n, ret, err);
    }
    if (!has_count || !scan_number(index, n - 1, &i)) {
        error_set(err, ERROR_USAGE, "--shard %s", text);
        return error_cure(err, "--shard I/N, with I from 0 to N-1");
    }
    *ret = (struct shard_place){(unsigned)i, (unsigned)n};
    return true;
}

/* -- a shard -- */

static bool put_file(int dir, const char *name, struct arena *arena, struct json_writer *json,
                     struct error *err)
{
    struct bytes content;
    char hex[SHA256_HEX_LEN + 1];
    if (!file_read(dir, name, LIMIT_EVIDENCE_BYTES, arena, &content, err)) {
        return false;
    }
    struct sha256 digest = sha256_of(content);
    sha256_hex(&digest, hex);
    json_string(json, name, hex);
    return true;
}

/* The files of PAIR in DIR: its record, and its SBOMs as far as there are any. */
static bool put_pair(int dir, const struct manifest_pair *pair, struct arena *arena,
                     struct json_writer *json, struct error *err)
{
    if (!put_file(dir, arena_printf(arena, "%s.json", pair->name), arena, json, err)) {
        return false;
    }
    for (size_t i = 0; i < LIMIT_RESULT_SUBJECTS; i++) {
        const char *name = arena_printf(arena, "%s.%zu.spdx.json", pair->name, i);
        if (!file_exists(dir, name)) {
            break;
        }
        if (!put_file(dir, name, arena, json, err)) {
            return false;
        }
    }
    return true;
}

static bool write_list(const struct gate *gate, struct buffer *out, struct error *err)
{
    struct json_writer json;
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&gate->manifest.digest, hex);
    json_writer_init(&json, out, false);
    json_object(&json, NULL);
    json_string(&json, "schema", SHARD_SCHEMA);
    json_uint(&json, "index", gate->shard);
    json_uint(&json, "count", gate->shards);
    json_string(&json, "manifest", hex);
    json_object(&json, "files");
    for (size_t i = 0; i < gate->manifest.pair_count; i++) {
        struct arena arena = {0};
        bool ok = !gate_is_mine(gate, i) ||
                  put_pair(gate->work, &gate->manifest.pairs[i], &arena, &json, err);
        arena_free(&arena);
        if (!ok) {
            return error_prefix(err, "pair %s", gate->manifest.pairs[i].name);
        }
    }
    json_object_end(&json);
    json_object_end(&json);
    return buffer_ok(out) || error_set(err, ERROR_LIMIT, "%s is too long", SHARD_NAME);
}

static bool sign_list(const struct gate *gate, const struct signing_key *key,
                      const struct buffer *list, struct error *err)
{
    AUTO(buffer) struct buffer out = {0};
    const struct signature_format *format = &signature_format_minisign;
    struct source source = source_from_bytes(buffer_view(list));
    struct message message;
    struct signing signing = {
        .key = key, .message = &message, .trusted_comment = "file:" SHARD_NAME "\thashed"};
    buffer_init(&out, LIMIT_SIGNATURE_FILE);
    return message_read(&source, format->parts, -1, gate->arena, &message, err) &&
           format->write(&signing, &out, err) &&
           file_write_atomic(gate->work, arena_printf(gate->arena, SHARD_NAME "%s", format->suffix),
                             0644, buffer_view(&out), err);
}

static bool load_key(const struct gate *gate, struct signing_key **ret, struct error *err)
{
    const struct evidence_options *evidence = &gate->settings->evidence;
    struct passphrase_place place;
    if (evidence->key == NULL) {
        return true;
    }
    if (!secret_forbid_dumps(err) || !passphrase_place(evidence->passphrase_fd, &place, err)) {
        return false;
    }
    struct passphrase_source source = passphrase_source(&place);
    return signing_key_load(evidence->key, &source, ret, err);
}

bool shard_run(struct gate *gate, struct error *err)
{
    AUTO(buffer) struct buffer list = {0};
    struct gate_runner runner = {0, -1};
    struct signing_key *key = NULL;
    buffer_init(&list, LIMIT_EVIDENCE_BYTES);
    /* An earlier run's list must not vouch for what this one leaves behind. */
    bool ok = directory_remove(gate->work, SHARD_NAME, err) &&
              directory_remove(gate->work, SHARD_NAME ".minisig", err) &&
              gate_runner_start(gate, &runner, err) && load_key(gate, &key, err) &&
              gate_runner_wait(&runner, err) && write_list(gate, &list, err) &&
              (key == NULL || sign_list(gate, key, &list, err)) &&
              file_write_atomic(gate->work, SHARD_NAME, 0644, buffer_view(&list), err);
    gate_runner_free(&runner);
    signing_key_free(&key);
    return ok;
}

/* -- all shards -- */

/* The trusted key's signature over the list, where the manifest names workers. */
static bool check_worker(const struct gate *gate, int dir, struct bytes list, struct error *err)
{
    const struct text_list *workers = &gate->manifest.workers;
    struct source source = source_from_bytes(list);
    struct message message;
    struct signature signature;
    struct bytes text;
    struct signature_rules rules = {.namespace = SIGNATURE_NAMESPACE, .file_name = SHARD_NAME};
    if (workers->count == 0) {
        return true;
    }
    if (!file_read(dir, SHARD_NAME ".minisig", LIMIT_SIGNATURE_FILE, gate->arena, &text, err) ||
        !signature_read(text, gate->arena, &signature, err) ||
        !message_read(&source, signature.parts, -1, gate->arena, &message, err)) {
        return error_prefix(err, "the worker's signature");
    }
    for (size_t i = 0; i < workers->count; i++) {
        struct public_key key;
        if (!public_key_read(bytes_from_string(workers->items[i]), gate->arena, &key, err)) {
            return error_prefix(err, "workers");
        }
        if (signature.format->check(&signature, &message, &key.point, &rules, NULL)) {
            return true;
        }
    }
    return error_set(err, ERROR_UNTRUSTED, "it is signed by none of the manifest's \"workers\"");
}

static bool check_file(const struct gate *gate, int dir, const struct cJSON *entry,
                       struct error *err)
{
    struct arena arena = {0};
    struct bytes content;
    struct sha256 stated;
    const char *name = json_key(entry), *hex = json_get_string(entry);
    (void)gate;
    bool ok = hex != NULL && sha256_from_hex(bytes_from_string(hex), &stated);
    if (!ok) {
        error_set(err, ERROR_FORMAT, "%s: no digest", name);
    }
    ok = ok && file_read(dir, name, LIMIT_EVIDENCE_BYTES, &arena, &content, err);
    if (ok) {
        struct sha256 found = sha256_of(content);
        ok = sha256_equal(&found, &stated) ||
             error_set(err, ERROR_UNTRUSTED, "%s is not what the shard wrote", name);
    }
    arena_free(&arena);
    return ok;
}

/* Reads the list of a shard and checks each file that it names, and that no pair's is missing. */
static bool check_list(const struct gate *gate, int dir, const struct cJSON *root,
                       struct shard_place *ret, struct error *err)
{
    uint64_t index, count;
    char hex[SHA256_HEX_LEN + 1];
    const char *schema = json_member_string(root, "schema");
    const char *manifest = json_member_string(root, "manifest");
    const struct cJSON *files = json_member(root, "files");
    sha256_hex(&gate->manifest.digest, hex);
    if (schema == NULL || strcmp(schema, SHARD_SCHEMA) != 0 ||
        !json_get_uint(json_member(root, "index"), &index) ||
        !json_get_uint(json_member(root, "count"), &count) || count > LIMIT_SHARDS ||
        index >= count || !json_is_object(files)) {
        return error_set(err, ERROR_FORMAT, "no list of a shard");
    }
    if (manifest == NULL || strcmp(manifest, hex) != 0) {
        return error_set(err, ERROR_MISMATCH, "it was made with another manifest");
    }
    for (const struct cJSON *at = json_first(files); at != NULL; at = json_next(at)) {
        if (!check_file(gate, dir, at, err)) {
            return false;
        }
    }
    for (size_t i = index; i < gate->manifest.pair_count; i += count) {
        const char *name = arena_printf(gate->arena, "%s.json", gate->manifest.pairs[i].name);
        if (json_member(files, name) == NULL) {
            return error_set(err, ERROR_FORMAT, "the pair %s is missing", name);
        }
    }
    *ret = (struct shard_place){(unsigned)index, (unsigned)count};
    return true;
}

static bool check_shard(const struct gate *gate, int dir, struct shard_place *ret,
                        struct error *err)
{
    struct bytes text;
    struct json_document *document = NULL;
    bool ok = file_read(dir, SHARD_NAME, LIMIT_EVIDENCE_BYTES, gate->arena, &text, err) &&
              check_worker(gate, dir, text, err) && json_parse(text, &document, err) &&
              check_list(gate, dir, json_root(document), ret, err);
    json_document_free(&document);
    return ok;
}

bool shards_check(const struct gate *gate, const int *dirs, size_t count, const char *const *names,
                  struct error *err)
{
    const char **seen = ARENA_ARRAY(gate->arena, LIMIT_SHARDS, const char *);
    unsigned total = 0;
    for (size_t i = 0; i < count; i++) {
        struct shard_place place = {0};
        if (!check_shard(gate, dirs[i], &place, err)) {
            return error_prefix(err, "%s", names[i]);
        }
        if (total != 0 && place.count != total) {
            return error_set(err, ERROR_MISMATCH, "%s is of %u shards, %s of %u", names[i],
                             place.count, names[0], total);
        }
        if (seen[place.index] != NULL) {
            return error_set(err, ERROR_MISMATCH, "%s and %s are both shard %u", seen[place.index],
                             names[i], place.index);
        }
        seen[place.index] = names[i];
        total = place.count;
    }
    for (unsigned i = 0; i < total; i++) {
        if (seen[i] == NULL) {
            error_set(err, ERROR_ABSENT, "shard %u of %u is missing", i, total);
            return error_cure(err, "run it again: reproof gate --shard %u/%u --out DIR", i, total);
        }
    }
    return true;
}

bool shards_rehash(const struct gate *gate, struct error *err)
{
    for (size_t i = 0; i < gate->manifest.pair_count; i++) {
        const struct pair_result *result = &gate->release.results[i];
        AUTO_FD int fd = -1;
        struct source source;
        struct sha256 digest;
        if (!gate_open_artifact(gate, result->pair, &fd, err) ||
            (fd >= 0 &&
             (!source_from_fd(fd, &source, err) || !sha256_source(&source, &digest, err)))) {
            return error_prefix(err, "%s", result->pair->artifact);
        }
        if ((fd >= 0) != result->has_artifact ||
            (fd >= 0 && !sha256_equal(&digest, &result->sha256))) {
            return error_set(err, ERROR_MISMATCH, "%s is not the file that its shard had",
                             result->pair->artifact);
        }
    }
    return true;
}
