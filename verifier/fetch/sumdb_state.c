// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/sumdb_state.h"

#include <fcntl.h>

#include "base/encode.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"

#define LATEST "latest"
#define ACCEPTED "accepted"
#define LOCK "lock"
#define ACCEPTED_MAX 4096
/* A line: at most 19 digits, a space, 44 characters of base64, a newline. */
#define ACCEPTED_BYTES (ACCEPTED_MAX * 72)

static const char *folder_of(const char *name, struct arena *arena)
{
    const char *folder = "";
    for (const char *c = name; *c != '\0'; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '-' ||
                     (*c == '.' && c != name);
        folder = arena_printf(arena, plain ? "%s%c" : "%s%%%02X", folder, (uint8_t)*c);
    }
    return folder;
}

/* The head that lies in the state directory now. */
static bool read_stored(struct sumdb_state *state, bool *ret_found, struct signed_head *ret,
                        struct error *err)
{
    struct bytes note;
    struct error problem;
    if (!file_read(state->dir, LATEST, LIMIT_NOTE_BYTES, &state->arena, &note, &problem)) {
        *ret_found = false;
        if (problem.code == ERROR_ABSENT) {
            return true;
        }
        *err = problem;
        return error_prefix(err, "the last tree head of %s", state->key->name);
    }
    if (!signed_head_open(note, state->key, ret, err)) {
        error_prefix(err, "the stored tree head sumdb/%s/%s", state->folder, LATEST);
        return error_cure(err, "somebody changed it: restore it, or remove it to begin anew");
    }
    *ret_found = true;
    return true;
}

static void read_time(struct sumdb_state *state)
{
    struct stat info;
    AUTO_FD int fd = -1;
    if (file_open_beneath(state->dir, LATEST, O_PATH, 0, &fd, NULL) && fstat(fd, &info) == 0) {
        state->stored_time = info.st_mtime;
    }
}

static void remember(struct sumdb_state *state, uint64_t size, const struct sha256 *root)
{
    arena_grow(&state->arena, &state->accepted, state->accepted_count, &state->accepted_capacity,
               sizeof(state->accepted[0]));
    state->accepted[state->accepted_count++] = (struct accepted_head){size, *root};
}

/* What cannot be read is not accepted: at worst a network is needed where none was. */
static void read_accepted(struct sumdb_state *state)
{
    struct bytes text, line, root;
    struct sha256 digest;
    uint64_t size;
    size_t len;
    state->accepted_count = 0;
    if (!file_read(state->dir, ACCEPTED, ACCEPTED_BYTES, &state->arena, &text, NULL)) {
        return;
    }
    struct scanner scanner = scanner_over(text);
    while (state->accepted_count < ACCEPTED_MAX &&
           scanner_until(&scanner, '\n', LIMIT_LINE, &line)) {
        struct scanner fields = scanner_over(line);
        if (!scanner_number(&fields, INT64_MAX, &size) || !scanner_expect(&fields, " ")) {
            return;
        }
        root = scanner_rest(&fields);
        if (!decode_base64(root, BASE64_STANDARD, digest.bytes, SHA256_LEN, &len) ||
            len != SHA256_LEN) {
            return;
        }
        remember(state, size, &digest);
    }
}

static bool write_accepted(struct sumdb_state *state, struct error *err)
{
    size_t first = state->accepted_count > ACCEPTED_MAX ? state->accepted_count - ACCEPTED_MAX : 0;
    struct buffer out;
    buffer_init(&out, ACCEPTED_BYTES);
    for (size_t i = first; i < state->accepted_count; i++) {
        char root[BASE64_LEN(SHA256_LEN) + 1];
        encode_base64(sha256_view(&state->accepted[i].root), BASE64_STANDARD, root);
        buffer_printf(&out, "%llu %s\n", (unsigned long long)state->accepted[i].size, root);
    }
    bool done = file_write_atomic(state->dir, ACCEPTED, 0600, buffer_view(&out), err);
    buffer_free(&out);
    return done;
}

bool sumdb_state_open(const char *path, const struct note_key *key, struct sumdb_state *ret,
                      struct error *err)
{
    struct sumdb_state state = {.key = key, .dir = -1, .evidence = -1};
    AUTO_FD int top = -1;
    state.folder = folder_of(key->name, &state.arena);
    state.evidence_path = arena_printf(&state.arena, "%s/evidence", path);
    const char *below = arena_printf(&state.arena, "sumdb/%s", state.folder);
    if (!directory_make_path(path, &top, err) ||
        !directory_make(top, below, 0700, &state.dir, err) ||
        !directory_make(top, "evidence", 0700, &state.evidence, err) ||
        !read_stored(&state, &state.has_stored, &state.stored, err)) {
        sumdb_state_close(&state);
        return error_prefix(err, "state directory %s", path);
    }
    read_accepted(&state);
    if (state.has_stored) {
        read_time(&state);
    }
    *ret = state;
    return true;
}

void sumdb_state_close(struct sumdb_state *state)
{
    fd_close(&state->dir);
    fd_close(&state->evidence);
    arena_free(&state->arena);
}

static bool is_accepted(const struct sumdb_state *state, const struct signed_head *head)
{
    for (size_t i = 0; i < state->accepted_count; i++) {
        if (state->accepted[i].size == head->size &&
            sha256_equal(&state->accepted[i].root, &head->root)) {
            return true;
        }
    }
    return false;
}

static bool is_stored(const struct sumdb_state *state, const struct signed_head *head)
{
    return state->has_stored && state->stored.size == head->size &&
           sha256_equal(&state->stored.root, &head->root);
}

bool sumdb_state_knows(const struct sumdb_state *state, const struct signed_head *head)
{
    return is_stored(state, head) || is_accepted(state, head);
}

static bool has_moved(const struct sumdb_state *state, bool found, const struct signed_head *disk)
{
    return found && !is_stored(state, disk);
}

static bool write_head(struct sumdb_state *state, const struct signed_head *head, struct error *err)
{
    if (!is_accepted(state, head)) {
        remember(state, head->size, &head->root);
        if (!write_accepted(state, err)) {
            return false;
        }
    }
    if (state->has_stored && head->size <= state->stored.size) {
        return true;
    }
    if (!file_write_atomic(state->dir, LATEST, 0600, head->note, err)) {
        return false;
    }
    state->stored = *head;
    state->stored.note = arena_bytes(&state->arena, head->note);
    state->has_stored = true;
    state->stored_time = time(NULL);
    return true;
}

bool sumdb_state_add(struct sumdb_state *state, const struct signed_head *head, bool *ret_moved,
                     struct error *err)
{
    AUTO_FD int lock = -1;
    struct signed_head disk;
    bool found;
    if (!file_lock(state->dir, LOCK, true, &lock, err) || !read_stored(state, &found, &disk, err)) {
        return false;
    }
    bool moved = has_moved(state, found, &disk);
    if (moved) {
        state->stored = disk;
        state->has_stored = true;
    } else if (!found) {
        /* Removed meanwhile: nothing is left to be consistent with. */
        state->has_stored = false;
    }
    read_accepted(state);
    *ret_moved = moved;
    return moved || write_head(state, head, err) || error_prefix(err, "state directory");
}

static void write_case(struct buffer *out, const struct note_key *key,
                       const struct signed_head *one, const struct signed_head *other)
{
    buffer_printf(
        out,
        "The checksum database %s signed two tree heads that contradict each other: the\n"
        "smaller tree is not how the larger one began. Either its key was misused, or it\n"
        "shows different histories to different people. Both signed notes follow; anybody\n"
        "can check them.\n\n----- tree of %llu records\n",
        key->name, (unsigned long long)one->size);
    buffer_append(out, one->note);
    buffer_printf(out, "----- tree of %llu records\n", (unsigned long long)other->size);
    buffer_append(out, other->note);
    buffer_string(out, "----- end\n");
}

bool sumdb_state_accuse(struct sumdb_state *state, const struct signed_head *one,
                        const struct signed_head *other, struct error *err)
{
    struct buffer out;
    char digest[SHA256_HEX_LEN + 1];
    struct error problem = {0};
    buffer_init(&out, 2 * LIMIT_NOTE_BYTES + 4096);
    write_case(&out, state->key, one, other);
    struct sha256 hash = sha256_of(buffer_view(&out));
    sha256_hex(&hash, digest);
    const char *name =
        arena_printf(&state->arena, "fork-%s-%llu-%llu-%.16s.txt", state->folder,
                     (unsigned long long)one->size, (unsigned long long)other->size, digest);
    bool kept = file_write_atomic(state->evidence, name, 0600, buffer_view(&out), &problem);
    buffer_free(&out);
    error_set(err, ERROR_UNTRUSTED,
              "the checksum database %s has forked: its tree of %llu records contradicts its tree "
              "of %llu; %s%s%s",
              state->key->name, (unsigned long long)other->size, (unsigned long long)one->size,
              kept ? "both signed notes are in " : "they could not be kept: ",
              kept ? arena_printf(&state->arena, "%s/", state->evidence_path) : problem.message,
              kept ? name : "");
    return error_cure(err, "believe nothing that came by this proxy, and show that file to others");
}
