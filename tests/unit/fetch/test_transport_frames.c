// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/transport_frames.h"

#include "tests/unit/unit.h"
#include "verifier/fetch/http_headers.h"

static struct buffer frame;

static int drop_frame(void **state)
{
    (void)state;
    buffer_free(&frame);
    return 0;
}

static const struct frame_request a_request = {
    .id = 7,
    .maximum = 1ULL << 40,
    .offset = 12,
    .connect_ms = 1,
    .stall_ms = 2,
    .total_ms = 3,
    .allow_http = true,
    .url = {(const uint8_t *)"https://a.test/x", 16},
    .etag = {(const uint8_t *)"\"e\"", 3},
};

static void a_request_comes_across(void **state)
{
    (void)state;
    struct frame_request request;
    buffer_init(&frame, FRAME_MAXIMUM);
    frame_write_request(&a_request, &frame);
    assert_int_equal(frame_peek(buffer_view(&frame)), FRAME_REQUEST);
    assert_true(frame_read_request(buffer_view(&frame), &request));
    assert_int_equal(request.id, 7);
    assert_int_equal(request.maximum, 1ULL << 40);
    assert_int_equal(request.offset, 12);
    assert_int_equal(request.total_ms, 3);
    assert_true(request.allow_http);
    assert_bytes(request.url, a_request.url);
    assert_bytes(request.etag, a_request.etag);
}

static void a_cut_or_longer_frame_is_refused(void **state)
{
    (void)state;
    struct frame_request request;
    struct frame_done done;
    struct bytes reason;
    buffer_init(&frame, FRAME_MAXIMUM);
    frame_write_request(&a_request, &frame);
    for (size_t len = 0; len < frame.len; len++) {
        assert_false(frame_read_request(bytes_from(frame.data, len), &request));
    }
    assert_false(frame_read_done(buffer_view(&frame), &done));
    assert_false(frame_read_failed(buffer_view(&frame), &reason));
    buffer_byte(&frame, 0);
    assert_false(frame_read_request(buffer_view(&frame), &request));
}

static void a_url_with_a_line_end_is_refused(void **state)
{
    (void)state;
    static const char *const urls[] = {"", "https://a.test/x\r\nX: y", "https://a.test/x y",
                                       "https://a.test/\x7f", "https://a.test/\xc3\xb6"};
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        struct frame_request forged = a_request, request;
        forged.url = bytes_from_string(urls[i]);
        buffer_init(&frame, FRAME_MAXIMUM);
        frame_write_request(&forged, &frame);
        assert_false(frame_read_request(buffer_view(&frame), &request));
        buffer_free(&frame);
    }
    struct frame_request forged = a_request, request;
    forged.etag = BYTES("\"e\"\r\nX: y");
    buffer_init(&frame, FRAME_MAXIMUM);
    frame_write_request(&forged, &frame);
    assert_false(frame_read_request(buffer_view(&frame), &request));
}

static void an_unknown_outcome_is_refused(void **state)
{
    (void)state;
    struct frame_done done = {.id = 1, .outcome = OUTCOME_TRUST, .status = 404, .written = 9};
    buffer_init(&frame, FRAME_MAXIMUM);
    frame_write_done(&done, &frame);
    assert_true(frame_read_done(buffer_view(&frame), &done));
    assert_int_equal(done.outcome, OUTCOME_TRUST);
    assert_int_equal(done.status, 404);
    frame.data[5] = OUTCOME_COUNT;
    assert_false(frame_read_done(buffer_view(&frame), &done));
}

static bool take(struct http_reply *reply, const char *lines)
{
    const char *reason = "";
    bool good = true;
    *reply = (struct http_reply){0};
    while (good && *lines != '\0') {
        size_t len = strcspn(lines, "\n");
        good = http_reply_line(reply, bytes_from(lines, len), &reason);
        lines += len + (lines[len] == '\n' ? 1 : 0);
    }
    return good;
}

#define PART "HTTP/1.1 206 Partial Content\r\nETag: \"e\"\r\n"

static void only_the_very_rest_continues_a_body(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        bool continues; /* at 5, of "e" */
    } rows[] = {
        {PART "Content-Range: bytes 5-9/10\r\n", true},
        {PART "content-range:bytes 5-9/10\r\ncontent-length: 5\r\n", true},
        {"HTTP/1.1 206 X\r\nContent-Range: bytes 5-9/10\r\n", false},
        {"HTTP/1.1 206 X\r\nETag: W/\"e\"\r\nContent-Range: bytes 5-9/10\r\n", false},
        {"HTTP/1.1 206 X\r\nETag: \"f\"\r\nContent-Range: bytes 5-9/10\r\n", false},
        {"HTTP/1.1 200 X\r\nETag: \"e\"\r\nContent-Range: bytes 5-9/10\r\n", false},
        {PART, false},
        {PART "Content-Range: bytes 4-9/10\r\n", false},
        {PART "Content-Range: bytes 5-8/10\r\n", false},
        {PART "Content-Range: bytes 5-9/10\r\nContent-Length: 4\r\n", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_reply reply;
        assert_true(take(&reply, rows[i].lines));
        assert_int_equal(http_reply_continues(&reply, 5, "\"e\""), rows[i].continues);
    }
}

static void contradicting_headers_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n",
        "HTTP/1.1 two OK\r\n",
        "HTTP/1.1\r\n",
        PART "Content-Range: bytes 5-9/*\r\n",
        PART "Content-Range: bytes */10\r\n",
        PART "Content-Range: bytes 9-5/10\r\n",
        PART "Content-Range: bytes 5-10/10\r\n",
        PART "Content-Range: items 5-9/10\r\n",
        PART "Content-Range: bytes 5-9/10\r\nContent-Range: bytes 5-9/10\r\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_reply reply;
        if (take(&reply, rows[i])) {
            fail_msg("%s", rows[i]);
        }
    }
}

static void a_redirect_s_headers_do_not_stay(void **state)
{
    (void)state;
    struct http_reply reply;
    assert_true(take(&reply, "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 1\r\n"
                             "ETag: \"e\"\r\nContent-Encoding: gzip\r\n\r\n"
                             "HTTP/2 200\r\nContent-Length: 2\r\n"));
    assert_int_equal(reply.status, 200);
    assert_int_equal(reply.length, 2);
    assert_string_equal(reply.etag, "");
    assert_false(reply.encoded);
    assert_false(reply.redirect);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_teardown(a_request_comes_across, drop_frame),
    cmocka_unit_test_teardown(a_cut_or_longer_frame_is_refused, drop_frame),
    cmocka_unit_test_teardown(a_url_with_a_line_end_is_refused, drop_frame),
    cmocka_unit_test_teardown(an_unknown_outcome_is_refused, drop_frame),
    cmocka_unit_test(only_the_very_rest_continues_a_body),
    cmocka_unit_test(contradicting_headers_are_refused),
    cmocka_unit_test(a_redirect_s_headers_do_not_stay),
};
UNIT_MAIN(tests)
