// SPDX-License-Identifier: Apache-2.0
#include "cli/evidence_out.h"

#include <stdlib.h>
#include <time.h>

#include "attest/publication.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/scanner.h"
#include "cli/passphrase.h"
#include "signer/key_load.h"

/* Beyond so many different ones, all are told again. */
#define TOLD_MAXIMUM 4096

static bool settle_time(uint64_t *ret, struct error *err)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    *ret = (uint64_t)time(NULL);
    return epoch == NULL || epoch[0] == '\0' ||
           scan_number(bytes_from_string(epoch), INT64_MAX, ret) ||
           error_set(err, ERROR_USAGE, "SOURCE_DATE_EPOCH=%s is no number of seconds", epoch);
}

static bool load_keys(struct evidence_out *out, struct error *err)
{
    const struct evidence_options *options = out->options;
    struct passphrase_place place;
    if (options->key == NULL) {
        error_set(err, ERROR_USAGE, "--out wants a key to sign with");
        return error_cure(err, "--key FILE; reproof key new -o FILE makes one");
    }
    if (!secret_forbid_dumps(err) || !passphrase_place(options->passphrase_fd, &place, err)) {
        return false;
    }
    struct passphrase_source source = passphrase_source(&place);
    return signing_key_load(options->key, &source, &out->key, err) &&
           (options->attest_key == NULL ||
            signing_key_load(options->attest_key, &source, &out->attest_key, err));
}

/* Evidence is there to be shown: a new directory is readable for all. */
static bool open_directory(const char *path, int *ret, struct error *err)
{
    if (directory_open(path, ret, NULL)) {
        return true;
    }
    return directory_make_path(path, ret, err) &&
           (fchmod(*ret, 0755) == 0 || error_errno(err, "cannot open %s to others", path));
}

static bool open_all(struct evidence_out *out, struct error *err)
{
    return load_keys(out, err) && settle_time(&out->time, err) &&
           (open_directory(out->options->out, &out->dir, err) || error_prefix(err, "--out"));
}

bool evidence_out_open(const struct invocation *invocation, const struct evidence_options *options,
                       struct evidence_out *ret, struct error *err)
{
    struct evidence_out out = {.invocation = invocation, .options = options, .dir = -1};
    if (options->out == NULL) {
        return error_set(err, ERROR_USAGE, "where is the evidence to go? --out DIR");
    }
    if (!open_all(&out, err)) {
        evidence_out_free(&out);
        return false;
    }
    *ret = out;
    return true;
}

void evidence_out_free(struct evidence_out *out)
{
    evidence_free(&out->writer);
    record_names_free(&out->names);
    signing_key_free(&out->key);
    signing_key_free(&out->attest_key);
    fd_close(&out->dir);
}

static void tell_publication(const struct evidence_out *out, const struct publication *item)
{
    char name[256], value[512];
    escape_text(item->name, name, sizeof(name));
    escape_text(item->value, value, sizeof(value));
    terminal_note(out->invocation->terminal, "reproof:   %s %s%s%s%s%s%s", item->kind, name,
                  name[0] == '\0' ? "" : "=", value, item->secret == NULL ? "" : "   (",
                  item->secret == NULL ? "" : item->secret, item->secret == NULL ? "" : ")");
}

/* The programs of a release have most in common. */
static bool was_told(struct evidence_out *out, const struct publication *item, struct arena *arena)
{
    struct sha256 digest = sha256_of(
        bytes_from_string(arena_printf(arena, "%s\n%s\n%s", item->kind, item->name, item->value)));
    for (size_t i = 0; i < out->told_count; i++) {
        if (sha256_equal(&out->told[i], &digest)) {
            return true;
        }
    }
    if (out->told_count < TOLD_MAXIMUM) {
        arena_grow(out->invocation->arena, &out->told, out->told_count, &out->told_capacity,
                   sizeof(digest));
        out->told[out->told_count++] = digest;
    }
    return false;
}

/* A signed statement cannot be taken back, so people see beforehand what they are about to say. */
static bool tell_publications(struct evidence_out *out, const struct record_subject *subject,
                              struct arena *arena, struct error *err)
{
    struct publication *items;
    size_t count;
    const struct publication *secret = NULL;
    size_t new = 0;
    publication_list(subject, arena, &items, &count);
    for (size_t i = 0; i < count; i++) {
        if (!was_told(out, &items[i], arena)) {
            if (new ++ == 0) {
                terminal_note(out->invocation->terminal,
                              "reproof: %s: this becomes public:", subject->file);
            }
            tell_publication(out, &items[i]);
        }
        secret = items[i].secret != NULL ? &items[i] : secret;
    }
    if (secret == NULL || out->accept_secrets) {
        return true;
    }
    error_set(err, ERROR_USAGE, "%s: the value of %s looks like a secret (%s); nothing is written",
              subject->file, secret->name[0] == '\0' ? secret->kind : secret->name, secret->secret);
    return error_cure(err, "--accept %s, if everybody may see it", ACCEPT_SECRETS);
}

static bool check_inputs(const struct record *record, const struct evidence_input *inputs,
                         size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        char hex[SHA256_HEX_LEN + 1];
        sha256_hex(&inputs[i].sha256, hex);
        if (!record_knows(record, &inputs[i].sha256)) {
            return error_set(err, ERROR_MISMATCH,
                             "the result says nothing of a file with sha256 %s", hex);
        }
    }
    return true;
}

/* What of SUBJECT is at hand; false if it is not among the inputs. */
static bool find_input(const struct record_subject *subject, const struct evidence_input *inputs,
                       size_t count, struct evidence_artifact *ret)
{
    bool found = false;
    *ret = (struct evidence_artifact){.subject = subject};
    for (size_t i = 0; i < count; i++) {
        if (sha256_equal(&inputs[i].sha256, &subject->sha256)) {
            ret->content = inputs[i].content;
            ret->spdx = inputs[i].spdx;
            ret->other_type = inputs[i].other_type;
            ret->other = inputs[i].other;
            return true;
        }
        found |= subject->container != NULL &&
                 sha256_equal(&inputs[i].sha256, &subject->container->sha256);
    }
    return found;
}

static struct evidence_writer *writer_of(struct evidence_out *out)
{
    if (out->writer == NULL) {
        struct evidence_request request = {.key = out->key,
                                           .attest_key =
                                               out->attest_key != NULL ? out->attest_key : out->key,
                                           .rebuilder = out->options->rebuilder,
                                           .time = out->time};
        out->writer = evidence_new(&request, out->dir);
    }
    return out->writer;
}

static bool add_record(struct evidence_out *out, const struct record *record,
                       const struct evidence_input *inputs, size_t input_count, struct arena *arena,
                       struct error *err)
{
    struct evidence_artifact *artifacts =
        ARENA_ARRAY(arena, record->subject_count, struct evidence_artifact);
    size_t count = 0;
    for (size_t i = 0; i < record->subject_count; i++) {
        if (find_input(&record->subjects[i], inputs, input_count, &artifacts[count])) {
            if (!tell_publications(out, &record->subjects[i], arena, err)) {
                return false;
            }
            count++;
        }
    }
    return evidence_add(writer_of(out), record, artifacts, count, err);
}

bool evidence_out_add(struct evidence_out *out, struct bytes result,
                      const struct evidence_input *inputs, size_t count, struct error *err)
{
    struct arena arena = {0};
    struct record record = {0};
    bool ok =
        record_read_next(result, &out->names, &arena, &record, err) || error_prefix(err, "result");
    ok = ok && check_inputs(&record, inputs, count, err) &&
         add_record(out, &record, inputs, count, &arena, err);
    record_free(&record);
    arena_free(&arena);
    return ok;
}

bool evidence_out_add_file(struct evidence_out *out, const char *name, struct bytes content,
                           struct error *err)
{
    return evidence_add_file(writer_of(out), name, content, err);
}

bool evidence_out_commit(struct evidence_out *out, struct error *err)
{
    bool ok = out->writer == NULL || evidence_commit(out->writer, err);
    evidence_free(&out->writer);
    return ok;
}

bool evidence_out_write(struct evidence_out *out, struct bytes result,
                        const struct evidence_input *inputs, size_t count, struct error *err)
{
    return evidence_out_add(out, result, inputs, count, err) && evidence_out_commit(out, err);
}
