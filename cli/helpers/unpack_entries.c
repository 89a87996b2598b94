// SPDX-License-Identifier: Apache-2.0
#include "cli/helpers/unpack_entries.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#include "base/buffer.h"
#include "base/escape.h"
#include "base/limits.h"
#include "verifier/fetch/zip_directory.h"
#include "verifier/image/image_fat.h"

/* Enough to tell a tar by. */
#define HEAD_LEN 512

struct unpacking {
    struct archive *reader;
    struct archive_entry *entry;
    enum unpack_kind kind;
    const char *prefix;
    const struct unpack_limits *limits;
    const struct unpack_sink *sink;
    struct unpack_counts counts;
    uint64_t entries;
    bool over; /* nothing of what is left can be wanted */
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

/* The names in an RPM package and in the layer of an image are paths of another system: rpm writes
 * "./usr/bin/tool", nfpm, which GoReleaser uses, "/usr/bin/tool", ko "/ko-app/tool". */
static bool names_begin_at_root(const struct unpacking *unpacking)
{
    int format = archive_format(unpacking->reader) & ARCHIVE_FORMAT_BASE_MASK;
    return format == ARCHIVE_FORMAT_CPIO || strcmp(unpacking->prefix, "/") == 0;
}

/* NAME without components that stand for the directory they are in, as all readers of packages take
 * it: npm's and some wheels' archives hold "./name", "package/./name", "package//name". ROOTED:
 * without the slash at its beginning too. */
static struct bytes drop_single_dots(struct bytes name, bool rooted, struct arena *arena)
{
    char *clean = arena_alloc(arena, name.len + 1);
    size_t len = 0;
    for (size_t start = 0; start < name.len;) {
        const uint8_t *slash = memchr(name.data + start, '/', name.len - start);
        size_t end = slash == NULL ? name.len : (size_t)(slash - name.data) + 1;
        struct bytes part = bytes_from(name.data + start, end - start);
        bool here = bytes_equal_string(part, "./") || bytes_equal_string(part, ".") ||
                    ((start > 0 || rooted) && bytes_equal_string(part, "/"));
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
    if (unpacking->kind != UNPACK_MODULE) {
        name = drop_single_dots(name, names_begin_at_root(unpacking), arena);
    }
    if (name.len > 0 && !zip_name_check(name, err)) {
        return false;
    }
    const char *prefix = unpacking->kind == UNPACK_MODULE ? unpacking->prefix : "";
    if (!bytes_start_with(name, prefix)) {
        return error_set(err, ERROR_FORMAT, "the name \"%s\" lacks the prefix", raw);
    }
    size_t lead = strlen(prefix);
    name = bytes_from(name.data + lead, name.len - lead);
    *ret_slash = name.len == 0 || name.data[name.len - 1] == '/';
    name.len -= name.len > 0 && *ret_slash;
    *ret = arena_text(arena, name);
    return true;
}

static bool count_bytes(struct unpacking *unpacking, uint64_t count, struct error *err)
{
    if (count > unpacking->limits->bytes - unpacking->counts.bytes) {
        return error_set(err, ERROR_LIMIT, "unpacked it has more than the %llu bytes allowed",
                         (unsigned long long)unpacking->limits->bytes);
    }
    unpacking->counts.bytes += count;
    return true;
}

static bool write_piece(struct unpacking *unpacking, struct bytes piece, struct error *err)
{
    return count_bytes(unpacking, piece.len, err) &&
           unpacking->sink->write_file(unpacking->sink->context, piece, err);
}

/* The entry's next bytes, which begin at POSITION of it; none at its end. Holes are refused, no
 * package has any. */
static bool read_piece(struct unpacking *unpacking, uint64_t position, struct bytes *ret,
                       struct error *err)
{
    const void *data;
    size_t len;
    la_int64_t offset;
    int status = ARCHIVE_OK;
    do {
        status = archive_read_data_block(unpacking->reader, &data, &len, &offset);
    } while (status == ARCHIVE_OK && len == 0);
    if (status == ARCHIVE_EOF) {
        *ret = bytes_from(NULL, 0);
        return true;
    }
    if (status != ARCHIVE_OK) {
        return reader_error(unpacking, err);
    }
    if ((uint64_t)offset != position) {
        return error_set(err, ERROR_UNSUPPORTED, "a file with holes");
    }
    *ret = bytes_from(data, len);
    return true;
}

/* The entry's bytes from POSITION on. */
static bool write_data(struct unpacking *unpacking, uint64_t position, struct error *err)
{
    struct bytes piece;
    for (;;) {
        if (!read_piece(unpacking, position, &piece, err)) {
            return false;
        }
        if (piece.len == 0) {
            break;
        }
        position += piece.len;
        if (!write_piece(unpacking, piece, err)) {
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
        ok = write_data(unpacking, 0, err);
    }
    unpacking->counts.files++;
    return sink->close_file(sink->context, ok ? err : NULL) && ok;
}

/* -- programs alone -- */

static bool may_hold_program(struct bytes head)
{
    struct container_kind kind;
    struct source source = source_from_bytes(head);
    return image_detect(&source) != IMAGE_UNKNOWN || fat_detect(&source) ||
           container_kind_detect(&source, &kind);
}

/* What is passed over within a stream is decompressed all the same, and counts; a zip is sought
 * through. One compressed file is not read to its end. */
static bool pass_over(struct unpacking *unpacking, struct error *err)
{
    int format = archive_format(unpacking->reader) & ARCHIVE_FORMAT_BASE_MASK;
    unpacking->over = format == ARCHIVE_FORMAT_RAW;
    la_int64_t size = archive_entry_size(unpacking->entry);
    return unpacking->over || format == ARCHIVE_FORMAT_ZIP || size <= 0 ||
           count_bytes(unpacking, (uint64_t)size, err);
}

/* The first bytes of the entry, HEAD_LEN or all there are, and what came with them. */
static bool read_head(struct unpacking *unpacking, struct buffer *out, struct error *err)
{
    struct bytes piece;
    do {
        if (!read_piece(unpacking, out->len, &piece, err)) {
            return false;
        }
        buffer_append(out, piece);
    } while (piece.len > 0 && out->len < HEAD_LEN);
    return buffer_ok(out) || error_set(err, ERROR_LIMIT, "one piece of it is too long");
}

static bool make_program(struct unpacking *unpacking, const char *path, struct bytes head,
                         struct error *err)
{
    const struct unpack_sink *sink = unpacking->sink;
    if (!sink->open_file(sink->context, path, err)) {
        return false;
    }
    bool ok = write_piece(unpacking, head, err) && write_data(unpacking, head.len, err);
    unpacking->counts.files++;
    return sink->close_file(sink->context, ok ? err : NULL) && ok;
}

static bool take_program(struct unpacking *unpacking, const char *path, struct error *err)
{
    struct archive_entry *entry = unpacking->entry;
    AUTO(buffer) struct buffer head = {0};
    if (*path == '\0' || (archive_entry_size_is_set(entry) &&
                          archive_entry_size(entry) < (la_int64_t)LIMIT_INSPECT_ARCHIVE_LEAST)) {
        return pass_over(unpacking, err);
    }
    buffer_init(&head, LIMIT_INSPECT_PIECE);
    if (!read_head(unpacking, &head, err)) {
        return false;
    }
    return may_hold_program(buffer_view(&head))
               ? make_program(unpacking, path, buffer_view(&head), err)
               : pass_over(unpacking, err);
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

/* GNU ar(1) writes permissions alone where dpkg-deb writes the whole mode: every member of an ar
 * archive is a file. */
static unsigned type_of(struct unpacking *unpacking)
{
    unsigned type = archive_entry_filetype(unpacking->entry);
    int format = archive_format(unpacking->reader) & ARCHIVE_FORMAT_BASE_MASK;
    return type == 0 && format == ARCHIVE_FORMAT_AR ? AE_IFREG : type;
}

static bool take_package_entry(struct unpacking *unpacking, const char *path, struct error *err)
{
    const struct unpack_sink *sink = unpacking->sink;
    unsigned type = type_of(unpacking);
    bool hard_link = archive_entry_hardlink(unpacking->entry) != NULL;
    bool file = type == AE_IFREG && !hard_link;
    if (unpacking->kind == UNPACK_PROGRAMS) {
        return !file || take_program(unpacking, path, err);
    }
    if (type == AE_IFDIR) {
        return *path == '\0' || sink->make_directory(sink->context, path, err);
    }
    if (file) {
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
    if (unpacking->kind != UNPACK_MODULE) {
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
    while (!unpacking.over) {
        struct arena arena = {0};
        int status = archive_read_next_header(reader, &unpacking.entry);
        if (status == ARCHIVE_EOF) {
            break;
        }
        /* A warning is a name or attribute that could not be taken as it is. */
        bool usable = status == ARCHIVE_OK || (status == ARCHIVE_WARN && kind != UNPACK_MODULE);
        bool ok = usable ? take_entry(&unpacking, &arena, err) : reader_error(&unpacking, err);
        arena_free(&arena);
        if (!ok) {
            return false;
        }
    }
    *ret = unpacking.counts;
    return true;
}
