// SPDX-License-Identifier: Apache-2.0
#include "base/json_write.h"

#include <inttypes.h>

#include "base/escape.h"

void json_writer_init(struct json_writer *writer, struct buffer *out, bool compact)
{
    *writer = (struct json_writer){.out = out, .compact = compact};
}

static void line_end(struct json_writer *writer)
{
    if (!writer->compact) {
        buffer_printf(writer->out, "\n%*s", (int)(2 * writer->depth), "");
    }
}

static void write_code_unit(struct buffer *out, unsigned unit)
{
    buffer_printf(out, "\\u%04x", unit);
}

static void write_character(struct buffer *out, unsigned point, struct bytes raw)
{
    if (point == '"' || point == '\\') {
        buffer_byte(out, '\\');
        buffer_byte(out, (uint8_t)point);
    } else if (point == '\n' || point == '\t') {
        buffer_string(out, point == '\n' ? "\\n" : "\\t");
    } else if (!escape_is_deceptive(point)) {
        buffer_append(out, raw);
    } else if (point < 0x10000) {
        write_code_unit(out, point);
    } else {
        write_code_unit(out, 0xd800 + ((point - 0x10000) >> 10));
        write_code_unit(out, 0xdc00 + ((point - 0x10000) & 0x3ff));
    }
}

static void write_quoted(struct buffer *out, struct bytes text)
{
    buffer_byte(out, '"');
    while (text.len > 0) {
        unsigned point = 0;
        size_t len = utf8_decode(text, &point);
        if (len == 0) {
            buffer_string(out, "\\ufffd");
            len = 1;
        } else {
            write_character(out, point, bytes_from(text.data, len));
        }
        text = bytes_from(text.data + len, text.len - len);
    }
    buffer_byte(out, '"');
}

static void begin_value(struct json_writer *writer, const char *key)
{
    if (writer->has_member) {
        buffer_byte(writer->out, ',');
    }
    if (writer->depth > 0) {
        line_end(writer);
    }
    if (key != NULL) {
        write_quoted(writer->out, bytes_from_string(key));
        buffer_string(writer->out, writer->compact ? ":" : ": ");
    }
    writer->has_member = true;
}

static void open_nest(struct json_writer *writer, const char *key, uint8_t bracket)
{
    begin_value(writer, key);
    buffer_byte(writer->out, bracket);
    writer->depth++;
    writer->has_member = false;
}

static void close_nest(struct json_writer *writer, uint8_t bracket)
{
    writer->depth--;
    if (writer->has_member) {
        line_end(writer);
    }
    buffer_byte(writer->out, bracket);
    writer->has_member = true;
    if (writer->depth == 0 && !writer->compact) {
        buffer_byte(writer->out, '\n');
    }
}

void json_object(struct json_writer *writer, const char *key)
{
    open_nest(writer, key, '{');
}

void json_object_end(struct json_writer *writer)
{
    close_nest(writer, '}');
}

void json_array(struct json_writer *writer, const char *key)
{
    open_nest(writer, key, '[');
}

void json_array_end(struct json_writer *writer)
{
    close_nest(writer, ']');
}

void json_text(struct json_writer *writer, const char *key, struct bytes value)
{
    begin_value(writer, key);
    write_quoted(writer->out, value);
}

void json_string(struct json_writer *writer, const char *key, const char *value)
{
    if (value == NULL) {
        json_null(writer, key);
    } else {
        json_text(writer, key, bytes_from_string(value));
    }
}

void json_uint(struct json_writer *writer, const char *key, uint64_t value)
{
    begin_value(writer, key);
    buffer_printf(writer->out, "%" PRIu64, value);
}

void json_bool(struct json_writer *writer, const char *key, bool value)
{
    begin_value(writer, key);
    buffer_string(writer->out, value ? "true" : "false");
}

void json_null(struct json_writer *writer, const char *key)
{
    begin_value(writer, key);
    buffer_string(writer->out, "null");
}

void json_raw(struct json_writer *writer, const char *key, struct bytes json)
{
    begin_value(writer, key);
    buffer_append(writer->out, json);
}

void json_decimal(struct json_writer *writer, const char *key, double value, unsigned decimals)
{
    uint64_t scale = 1;
    for (unsigned i = 0; i < decimals; i++) {
        scale *= 10;
    }
    uint64_t scaled = value > 0 ? (uint64_t)(value * (double)scale + 0.5) : 0;
    begin_value(writer, key);
    buffer_printf(writer->out, "%" PRIu64, scaled / scale);
    if (decimals > 0) {
        buffer_printf(writer->out, ".%0*" PRIu64, (int)decimals, scaled % scale);
    }
}
