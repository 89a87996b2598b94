// SPDX-License-Identifier: Apache-2.0
#include "cli/helpers/unpack_entries.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#include "base/escape.h"
#include "base/limits.h"
#include "verifier/fetch/zip_directory.h"

struct unpacking {
    struct archive *reader;
    struct archive_entry *entry;
    enum unpack_kind kind;
    const char *prefix;
    const struct unpack_limits *limits;
    const struct unpack_sink *sink;
    struct unpack_counts counts;
    uint64_t entries;
};

/* Appended, a filter is used once; supported, it is tried on its own output again. */
static int append_filter(struct archive *reader, enum compression compression)
{
    switch (compression) {
    case COMPRESSION_XZ:
        return archive_read_append_filter(reader, ARCHIVE_FILTER_XZ);
    case COMPRESSION_ZSTD:
        return archive_read_append_filter(reader, ARCHIVE_FILTER_ZSTD);
    case COMPRESSION_BZIP2:
        return archive_read_append_filter(reader, ARCHIVE_FILTER_BZIP2);
    case COMPRESSION_NONE:
    case COMPRESSION_GZIP: /* unpack_input takes it off */
        break;
    }
    return ARCHIVE_OK;
}

/* What follows the end of a tar is looked at too: readers that go on there would find members that
 * nobody judged. What is compressed and no tar is one file. */
static int support_tar(struct archive *reader, bool compressed)
{
    int status = archive_read_support_format_tar(reader);
    if (status == ARCHIVE_OK) {
        status = archive_read_set_format_option(reader, "tar", "read_concatenated_archives", "1");
    }
    return status == ARCHIVE_OK && compressed ? archive_read_support_format_raw(reader) : status;
}

static int support_format(struct archive *reader, const struct container_kind *kind)
{
    switch (kind->format) {
    case CONTAINER_ZIP:
        return archive_read_support_format_zip_seekable(reader);
    case CONTAINER_DEB:
        return archive_read_support_format_ar(reader);
    case CONTAINER_RPM:
        return archive_read_support_format_cpio(reader);
    case CONTAINER_TAR:
        break;
    }
    return support_tar(reader, kind->compression != COMPRESSION_NONE);
}

struct archive *unpack_reader_new(const struct container_kind *kind)
{
    struct archive *reader = archive_read_new();
    int status = reader == NULL ? ARCHIVE_FATAL : support_format(reader, kind);
    if (status == ARCHIVE_OK) {
        status = append_filter(reader, kind->compression);
    }
    if (status != ARCHIVE_OK) {
        bug("libarchive has no reader for format %d, compression %d", (int)kind->format,
            (int)kind->compression);
    }
    return reader;
}

void unpack_reader_free(struct archive **reader)
{
    if (*reader != NULL) {
        archive_read_free(*reader);
        *reader = NULL;
    }
}

static bool reader_error(struct unpacking *unpacking, struct error *err)
{
    const char *text = archive_error_string(unpacking->reader);
    if (archive_errno(unpacking->reader) == ENOMEM) {
        return error_set(err, ERROR_LIMIT, "unpacking takes more memory than allowed");
    }
    return error_set(err, ERROR_FORMAT, "%s", text == NULL ? "unreadable archive" : text);
}

/* NAME without components that stand for the directory they are in, as all readers of packages take
 * it: npm's and some wheels' archives hold "./name", "package/./name", "package//name". */
static struct bytes drop_single_dots(struct bytes name, struct arena *arena)
{
    char *clean = arena_alloc(arena, name.len + 1);
    size_t len = 0;
    for (size_t start = 0; start < name.len;) {
        const uint8_t *slash = memchr(name.data + start, '/', name.len - start);
        size_t end = slash == NULL ? name.len : (size_t)(slash - name.data) + 1;
        struct bytes part = bytes_from(name.data + start, end - start);
        bool here = bytes_equal_string(part, "./") || bytes_equal_string(part, ".") ||
                    (start > 0 && bytes_equal_string(part, "/"));
        if (!here) {
            memcpy(clean + len, part.data, part.len);
            len += part.len;
        }
        start = end;
    }
    return bytes_from(clean, len);
}

/* The entry's path without prefix and final slash; "" is the root itself. */
static bool entry_path(struct unpacking *unpacking, struct arena *arena, const char **ret,
                       bool *ret_slash, struct error *err)
{
    const char *raw = archive_entry_pathname(unpacking->entry);
    if (raw == NULL) {
        return error_set(err, ERROR_UNTRUSTED, "an entry has no name that can be represented");
    }
    struct bytes name = bytes_from_string(raw);
    if (unpacking->kind == UNPACK_PACKAGE) {
        name = drop_single_dots(name, arena);
    }
    if (name.len > 0 && !zip_name_check(name, err)) {
        return false;
    }
    if (!bytes_start_with(name, unpacking->prefix)) {
        return error_set(err, ERROR_FORMAT, "the name \"%s\" lacks the prefix", raw);
    }
    size_t lead = strlen(unpacking->prefix);
    name = bytes_from(name.data + lead, name.len - lead);
    *ret_slash = name.len == 0 || name.data[name.len - 1] == '/';
    name.len -= name.len > 0 && *ret_slash;
    *ret = arena_text(arena, name);
    return true;
}

static bool write_piece(struct unpacking *unpacking, struct bytes piece, struct error *err)
{
    if (piece.len > unpacking->limits->bytes - unpacking->counts.bytes) {
        return error_set(err, ERROR_LIMIT, "unpacked it has more than the %llu bytes allowed",
                         (unsigned long long)unpacking->limits->bytes);
    }
    unpacking->counts.bytes += piece.len;
    return unpacking->sink->write_file(unpacking->sink->context, piece, err);
}

/* The entry's bytes; holes are refused, no package has any. */
static bool write_data(struct unpacking *unpacking, struct error *err)
{
    uint64_t position = 0;
    for (;;) {
        const void *data;
        size_t len;
        la_int64_t offset;
        int status = archive_read_data_block(unpacking->reader, &data, &len, &offset);
        if (status == ARCHIVE_EOF) {
            break;
        }
        if (status != ARCHIVE_OK) {
            return reader_error(unpacking, err);
        }
        if (len > 0 && (uint64_t)offset != position) {
            return error_set(err, ERROR_UNSUPPORTED, "a file with holes");
        }
        position += len;
        if (!write_piece(unpacking, bytes_from(data, len), err)) {
            return false;
        }
    }
    if (archive_entry_size_is_set(unpacking->entry) &&
        (uint64_t)archive_entry_size(unpacking->entry) != position) {
        return error_set(err, ERROR_FORMAT, "its size is not the one that its header states");
    }
    return true;
}

static bool make_file(struct unpacking *unpacking, const char *path, struct error *err)
{
    const struct unpack_sink *sink = unpacking->sink;
    if (*path == '\0') {
        return error_set(err, ERROR_FORMAT, "a file without a name");
    }
    if (!sink->open_file(sink->context, path, err)) {
        return false;
    }
    bool ok;
    if (archive_entry_filetype(unpacking->entry) == AE_IFLNK) {
        const char *text = archive_entry_symlink(unpacking->entry);
        ok = text == NULL ? error_set(err, ERROR_FORMAT, "a link without text")
                          : write_piece(unpacking, bytes_from_string(text), err);
    } else {
        ok = write_data(unpacking, err);
    }
    unpacking->counts.files++;
    return sink->close_file(sink->context, ok ? err : NULL) && ok;
}

static const char *name_of_type(struct archive_entry *entry)
{
    switch (archive_entry_filetype(entry)) {
    case AE_IFLNK:
        return "symbolic link";
    case AE_IFCHR:
    case AE_IFBLK:
        return "device";
    case AE_IFIFO:
        return "FIFO";
    case AE_IFSOCK:
        return "socket";
    default:
        return "entry of unknown type";
    }
}

static bool take_package_entry(struct unpacking *unpacking, const char *path, struct error *err)
{
    const struct unpack_sink *sink = unpacking->sink;
    unsigned type = archive_entry_filetype(unpacking->entry);
    bool hard_link = archive_entry_hardlink(unpacking->entry) != NULL;
    if (type == AE_IFDIR) {
        return *path == '\0' || sink->make_directory(sink->context, path, err);
    }
    if (type == AE_IFREG && !hard_link) {
        return make_file(unpacking, path, err);
    }
    unpacking->counts.skipped++;
    sink->skipped(sink->context, path, hard_link ? "hard link" : name_of_type(unpacking->entry));
    return true;
}

static bool take_entry(struct unpacking *unpacking, struct arena *arena, struct error *err)
{
    const struct unpack_sink *sink = unpacking->sink;
    const char *path;
    bool slash;
    if (++unpacking->entries > unpacking->limits->entries) {
        return error_set(err, ERROR_LIMIT, "more than the %llu entries allowed",
                         (unsigned long long)unpacking->limits->entries);
    }
    if (!entry_path(unpacking, arena, &path, &slash, err)) {
        return false;
    }
    bool ok;
    if (unpacking->kind == UNPACK_PACKAGE) {
        ok = take_package_entry(unpacking, path, err);
    } else if (slash) {
        ok = *path == '\0' || sink->make_directory(sink->context, path, err);
    } else {
        ok = make_file(unpacking, path, err);
    }
    return ok || error_prefix(err, "%s", path);
}

bool unpack_entries(struct archive *reader, enum unpack_kind kind, const char *prefix,
                    const struct unpack_limits *limits, const struct unpack_sink *sink,
                    struct unpack_counts *ret, struct error *err)
{
    struct unpacking unpacking = {
        .reader = reader, .kind = kind, .prefix = prefix, .limits = limits, .sink = sink};
    for (;;) {
        struct arena arena = {0};
        int status = archive_read_next_header(reader, &unpacking.entry);
        if (status == ARCHIVE_EOF) {
            break;
        }
        /* A warning is a name or attribute that could not be taken as it is. */
        bool usable = status == ARCHIVE_OK || (status == ARCHIVE_WARN && kind == UNPACK_PACKAGE);
        bool ok = usable ? take_entry(&unpacking, &arena, err) : reader_error(&unpacking, err);
        arena_free(&arena);
        if (!ok) {
            return false;
        }
    }
    *ret = unpacking.counts;
    return true;
}
