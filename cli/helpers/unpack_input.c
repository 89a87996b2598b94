// SPDX-License-Identifier: Apache-2.0
#include "cli/helpers/unpack_input.h"

#include <archive.h>
#include <errno.h>
#include <string.h>

#include "base/error.h"

/* zlib: 15 bits of window, and a gzip header and trailer around the stream. */
#define GZIP_WINDOW (15 + 16)

static la_ssize_t fail(struct archive *reader, int code, const char *text)
{
    archive_set_error(reader, code, "%s", text);
    return -1;
}

/* The next stored bytes into RET; 0 at the end. */
static la_ssize_t read_stored(struct unpack_input *input, struct archive *reader, uint8_t *ret)
{
    uint64_t left = input->source->size - input->position;
    size_t len = left < UNPACK_BLOCK ? (size_t)left : UNPACK_BLOCK;
    if (len > 0 && !source_read(input->source, input->position, ret, len, NULL)) {
        return fail(reader, EIO, "the archive cannot be read");
    }
    input->position += len;
    return (la_ssize_t)len;
}

/* Zeros behind the last member are padding to gzip(1) as well. */
static void skip_padding(z_stream *stream)
{
    while (stream->avail_in > 0 && *stream->next_in == 0) {
        stream->next_in++;
        stream->avail_in--;
    }
}

/* Inflates until there is something to hand on. A further gzip member may follow (apk(5) has
 * three) or padding, nothing else: what is no header fails. */
static la_ssize_t inflate_some(struct unpack_input *input, struct archive *reader)
{
    z_stream *stream = &input->stream;
    stream->next_out = input->bytes;
    stream->avail_out = UNPACK_BLOCK;
    while (stream->avail_out == UNPACK_BLOCK) {
        if (stream->avail_in == 0) {
            la_ssize_t got = read_stored(input, reader, input->stored);
            if (got <= 0) {
                return got < 0 || !input->within ? got
                                                 : fail(reader, EILSEQ, "the gzip data is cut");
            }
            stream->next_in = input->stored;
            stream->avail_in = (uInt)got;
        }
        if (!input->within) {
            skip_padding(stream);
            input->within = stream->avail_in > 0;
            continue;
        }
        int status = inflate(stream, Z_NO_FLUSH);
        if (status == Z_STREAM_END) {
            input->within = false;
            status = inflateReset(stream);
        }
        if (status != Z_OK) {
            return fail(reader, status == Z_MEM_ERROR ? ENOMEM : EILSEQ,
                        stream->msg == NULL ? "damaged gzip data" : stream->msg);
        }
    }
    return (la_ssize_t)(UNPACK_BLOCK - stream->avail_out);
}

static la_ssize_t on_read(struct archive *reader, void *context, const void **ret)
{
    struct unpack_input *input = context;
    *ret = input->bytes;
    return input->gzip ? inflate_some(input, reader) : read_stored(input, reader, input->bytes);
}

/* Only zip seeks, and a zip is never compressed as a whole. */
static la_int64_t on_seek(struct archive *reader, void *context, la_int64_t offset, int whence)
{
    struct unpack_input *input = context;
    uint64_t base = whence == SEEK_SET   ? 0
                    : whence == SEEK_CUR ? input->position
                                         : input->source->size;
    uint64_t place = base + (uint64_t)offset;
    if (place > input->source->size) {
        return fail(reader, EILSEQ, "a place outside of the archive");
    }
    input->position = place;
    return (la_int64_t)place;
}

bool unpack_input_open(struct unpack_input *input, const struct source *source,
                       const struct container_kind *kind, struct archive *reader, struct error *err)
{
    input->source = source;
    input->position = kind->start;
    input->gzip = kind->compression == COMPRESSION_GZIP;
    if (input->gzip && inflateInit2(&input->stream, GZIP_WINDOW) != Z_OK) {
        bug("zlib cannot inflate");
    }
    if (kind->format == CONTAINER_ZIP) {
        archive_read_set_seek_callback(reader, on_seek);
    }
    archive_read_set_read_callback(reader, on_read);
    archive_read_set_callback_data(reader, input);
    if (archive_read_open1(reader) != ARCHIVE_OK) {
        const char *text = archive_error_string(reader);
        return error_set(err, ERROR_FORMAT, "%s", text == NULL ? "unreadable archive" : text);
    }
    return true;
}

void unpack_input_free(struct unpack_input *input)
{
    if (input->gzip) {
        inflateEnd(&input->stream);
    }
}
