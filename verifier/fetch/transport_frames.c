// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/transport_frames.h"

#include "base/reader.h"

static void write_text(struct bytes text, size_t maximum, struct buffer *out)
{
    size_t len = text.len < maximum ? text.len : maximum;
    buffer_byte(out, (uint8_t)(len & 0xff));
    buffer_byte(out, (uint8_t)(len >> 8));
    buffer_append(out, bytes_from(text.data, len));
}

static bool is_plain(struct bytes text, uint8_t lowest, bool ascii)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < lowest || text.data[i] == 0x7f || (ascii && text.data[i] > 0x7f)) {
            return false;
        }
    }
    return true;
}

CHECKED static bool read_text(struct reader *reader, size_t maximum, struct bytes *ret)
{
    uint16_t len;
    return reader_u16(reader, &len) && len <= maximum && reader_bytes(reader, len, ret);
}

CHECKED static bool read_bool(struct reader *reader, bool *ret)
{
    uint8_t value;
    if (!reader_u8(reader, &value) || value > 1) {
        return false;
    }
    *ret = value == 1;
    return true;
}

CHECKED static bool read_type(struct reader *reader, enum frame_type type)
{
    uint8_t value;
    return reader_u8(reader, &value) && value == (uint8_t)type;
}

enum frame_type frame_peek(struct bytes frame)
{
    if (frame.len == 0 || frame.data[0] > FRAME_FAILED) {
        return FRAME_NONE;
    }
    return (enum frame_type)frame.data[0];
}

void frame_write_request(const struct frame_request *request, struct buffer *out)
{
    buffer_byte(out, FRAME_REQUEST);
    buffer_u32(out, request->id);
    buffer_u64(out, request->maximum);
    buffer_u64(out, request->offset);
    buffer_u32(out, request->connect_ms);
    buffer_u32(out, request->stall_ms);
    buffer_u32(out, request->total_ms);
    buffer_byte(out, request->allow_http ? 1 : 0);
    write_text(request->url, FRAME_URL_MAXIMUM, out);
    write_text(request->etag, FRAME_ETAG_MAXIMUM, out);
}

bool frame_read_request(struct bytes frame, struct frame_request *ret)
{
    struct reader reader = reader_over(frame, LITTLE_ENDIAN_ORDER);
    struct frame_request request = {0};
    if (!read_type(&reader, FRAME_REQUEST) || !reader_u32(&reader, &request.id) ||
        !reader_u64(&reader, &request.maximum) || !reader_u64(&reader, &request.offset) ||
        !reader_u32(&reader, &request.connect_ms) || !reader_u32(&reader, &request.stall_ms) ||
        !reader_u32(&reader, &request.total_ms) || !read_bool(&reader, &request.allow_http) ||
        !read_text(&reader, FRAME_URL_MAXIMUM, &request.url) ||
        !read_text(&reader, FRAME_ETAG_MAXIMUM, &request.etag) || !reader_done(&reader)) {
        return false;
    }
    if (request.url.len == 0 || !is_plain(request.url, 0x21, true) ||
        !is_plain(request.etag, 0x21, false)) {
        return false;
    }
    *ret = request;
    return true;
}

void frame_write_start(const struct frame_start *start, struct buffer *out)
{
    buffer_byte(out, FRAME_START);
    buffer_u32(out, start->id);
    buffer_byte(out, start->resumed ? 1 : 0);
    buffer_u64(out, start->total);
    write_text(start->etag, FRAME_ETAG_MAXIMUM, out);
}

bool frame_read_start(struct bytes frame, struct frame_start *ret)
{
    struct reader reader = reader_over(frame, LITTLE_ENDIAN_ORDER);
    struct frame_start start = {0};
    if (!read_type(&reader, FRAME_START) || !reader_u32(&reader, &start.id) ||
        !read_bool(&reader, &start.resumed) || !reader_u64(&reader, &start.total) ||
        !read_text(&reader, FRAME_ETAG_MAXIMUM, &start.etag) || !reader_done(&reader) ||
        !is_plain(start.etag, 0x21, false)) {
        return false;
    }
    *ret = start;
    return true;
}

void frame_write_done(const struct frame_done *done, struct buffer *out)
{
    buffer_byte(out, FRAME_DONE);
    buffer_u32(out, done->id);
    buffer_byte(out, (uint8_t)done->outcome);
    buffer_byte(out, (uint8_t)(done->status & 0xff));
    buffer_byte(out, (uint8_t)(done->status >> 8));
    buffer_u64(out, done->written);
    write_text(done->reason, FRAME_REASON_MAXIMUM, out);
}

bool frame_read_done(struct bytes frame, struct frame_done *ret)
{
    struct reader reader = reader_over(frame, LITTLE_ENDIAN_ORDER);
    struct frame_done done = {0};
    uint8_t outcome;
    if (!read_type(&reader, FRAME_DONE) || !reader_u32(&reader, &done.id) ||
        !reader_u8(&reader, &outcome) || outcome >= OUTCOME_COUNT ||
        !reader_u16(&reader, &done.status) || !reader_u64(&reader, &done.written) ||
        !read_text(&reader, FRAME_REASON_MAXIMUM, &done.reason) || !reader_done(&reader) ||
        !is_plain(done.reason, 0x01, false)) {
        return false;
    }
    done.outcome = (enum frame_outcome)outcome;
    *ret = done;
    return true;
}

void frame_write_failed(struct bytes reason, struct buffer *out)
{
    buffer_byte(out, FRAME_FAILED);
    write_text(reason, FRAME_REASON_MAXIMUM, out);
}

bool frame_read_failed(struct bytes frame, struct bytes *ret_reason)
{
    struct reader reader = reader_over(frame, LITTLE_ENDIAN_ORDER);
    struct bytes reason;
    if (!read_type(&reader, FRAME_FAILED) || !read_text(&reader, FRAME_REASON_MAXIMUM, &reason) ||
        !reader_done(&reader) || !is_plain(reason, 0x01, false)) {
        return false;
    }
    *ret_reason = reason;
    return true;
}
