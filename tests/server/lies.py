# SPDX-License-Identifier: Apache-2.0
"""Honest replies, and every way in which a server may misbehave that the tests know of.

Each lie is a function of this file called lie_KIND (with _ for -), taking the socket, the request,
the honest content (None if there is none), the argument and the server's state. It returns True if
the connection stays good for another request.
"""
import functools
import gzip
import hashlib
import socket
import time

ENDLESS_SECONDS = 30  # a lie without end ends all the same, lest a broken test hangs for ever
FILLER = b"reproof " * 8192


def etag_of(content):
    return '"%s"' % hashlib.sha256(content).hexdigest()[:32]


def head(status, headers):
    lines = ["HTTP/1.1 %d Lie" % status]
    for name, value in headers.items():
        for one in value if isinstance(value, list) else [value]:
            lines.append("%s: %s" % (name, one))
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def reply(connection, status, body, headers=None):
    fields = {"Content-Length": str(len(body))}
    fields.update(headers or {})
    connection.sendall(head(status, fields) + body)
    return True


def wanted_range(request, content):
    """The first byte that a valid range request wants, or None."""
    text = request.headers.get("range", "")
    if not text.startswith("bytes=") or not text.endswith("-"):
        return None
    if request.headers.get("if-range", etag_of(content)) != etag_of(content):
        return None
    first = int(text[6:-1])
    return first if first < len(content) else None


def serve(connection, request, content):
    headers = {"ETag": etag_of(content), "Accept-Ranges": "bytes"}
    first = wanted_range(request, content)
    if first is None:
        return reply(connection, 200, content, headers)
    headers["Content-Range"] = "bytes %d-%d/%d" % (first, len(content) - 1, len(content))
    return reply(connection, 206, content[first:], headers)


def until(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield


def lie_status(connection, request, content, argument, state):
    return reply(connection, int(argument), b"this is status %s\n" % argument.encode(),
                 {"Content-Type": "text/plain; charset=utf-8"})


def lie_busy(connection, request, content, argument, state):
    """That status, and to come again in an hour."""
    return reply(connection, int(argument), b"busy\n", {"Content-Type": "text/plain", "Retry-After": "3600"})


def lie_ok(connection, request, content, argument, state):
    """Answers what the argument says, whatever is there."""
    return serve(connection, request, argument.encode())


def lie_garbage(connection, request, content, argument, state):
    connection.sendall(b"\x00\xff this is not HTTP\r\n\r\n" * 10)
    return False


def lie_junk(connection, request, content, argument, state):
    """A good reply with a body that makes no sense."""
    return reply(connection, 200, b"\x00\x01{\xff\xfe" * 20)


def lie_close(connection, request, content, argument, state):
    return False


def lie_truncate(connection, request, content, argument, state):
    """The length is right, the connection ends before it."""
    body = content or FILLER
    connection.sendall(head(200, {"Content-Length": len(body)}) + body[:len(body) // 2])
    return False


def lie_length_small(connection, request, content, argument, state):
    body = content or FILLER
    connection.sendall(head(200, {"Content-Length": len(body) // 2}) + body)
    return False


def lie_length_large(connection, request, content, argument, state):
    body = content or FILLER
    connection.sendall(head(200, {"Content-Length": len(body) * 2}) + body)
    return False


def lie_length_huge(connection, request, content, argument, state):
    connection.sendall(head(200, {"Content-Length": 1 << 60}) + FILLER)
    return False


def lie_length_negative(connection, request, content, argument, state):
    connection.sendall(head(200, {"Content-Length": -5}) + FILLER)
    return False


def lie_length_junk(connection, request, content, argument, state):
    connection.sendall(head(200, {"Content-Length": "0x10"}) + FILLER)
    return False


def lie_length_twice(connection, request, content, argument, state):
    body = content or FILLER
    connection.sendall(head(200, {"Content-Length": [len(body), len(body) - 1]}) + body)
    return False


def lie_slow(connection, request, content, argument, state):
    """One byte a second."""
    connection.sendall(head(200, {"Content-Length": len(FILLER)}))
    for _ in until(ENDLESS_SECONDS):
        connection.sendall(b"x")
        time.sleep(1)
    return False


def lie_halves(connection, request, content, argument, state):
    """Honest, with a pause in the middle."""
    body = content or FILLER
    connection.sendall(head(200, {"ETag": etag_of(body), "Content-Length": len(body)}) +
                       body[:len(body) // 2])
    time.sleep(0.5)
    connection.sendall(body[len(body) // 2:])
    return False


def lie_slow_headers(connection, request, content, argument, state):
    for byte in head(200, {"Content-Length": 3, "X-Long": "x" * 1000}):
        connection.sendall(bytes([byte]))
        time.sleep(1)
    return False


def lie_silent(connection, request, content, argument, state):
    """Headers, then nothing."""
    connection.sendall(head(200, {"Content-Length": len(FILLER)}))
    time.sleep(ENDLESS_SECONDS)
    return False


def lie_mute(connection, request, content, argument, state):
    """Nothing at all."""
    time.sleep(ENDLESS_SECONDS)
    return False


def lie_endless(connection, request, content, argument, state):
    """Chunks without end."""
    connection.sendall(head(200, {"Transfer-Encoding": "chunked"}))
    for _ in until(ENDLESS_SECONDS):
        connection.sendall(b"%x\r\n%s\r\n" % (len(FILLER), FILLER))
    return False


def lie_endless_plain(connection, request, content, argument, state):
    """Neither length nor chunks, and no end."""
    connection.sendall(head(200, {"Connection": "close"}))
    for _ in until(ENDLESS_SECONDS):
        connection.sendall(FILLER)
    return False


def lie_endless_error(connection, request, content, argument, state):
    connection.sendall(head(500, {"Connection": "close", "Content-Type": "text/plain"}))
    for _ in until(ENDLESS_SECONDS):
        connection.sendall(FILLER)
    return False


def lie_endless_headers(connection, request, content, argument, state):
    connection.sendall(b"HTTP/1.1 200 Lie\r\n")
    for _ in until(ENDLESS_SECONDS):
        connection.sendall(b"X-Filler: %s\r\n" % (b"y" * 1000))
    return False


def lie_endless_line(connection, request, content, argument, state):
    connection.sendall(b"HTTP/1.1 200 Lie\r\nX-Filler: ")
    for _ in until(ENDLESS_SECONDS):
        connection.sendall(FILLER)
    return False


def lie_endless_interim(connection, request, content, argument, state):
    """100 Continue for ever."""
    for _ in until(ENDLESS_SECONDS):
        connection.sendall(b"HTTP/1.1 100 Continue\r\nX-Filler: %s\r\n\r\n" % (b"y" * 1000))
    return False


def lie_trailers(connection, request, content, argument, state):
    """Trailers without end behind a chunked body."""
    connection.sendall(head(200, {"Transfer-Encoding": "chunked"}) + b"3\r\nabc\r\n0\r\n")
    for _ in until(ENDLESS_SECONDS):
        connection.sendall(b"X-Filler: %s\r\n" % (b"y" * 1000))
    return False


@functools.lru_cache()
def bomb():
    return gzip.compress(bytes(10 * 1000 * 1000), 6)


def lie_gzip(connection, request, content, argument, state):
    """A bomb: 10 MB of zeros in 10 kB."""
    return reply(connection, 200, bomb(), {"Content-Encoding": "gzip"})


def lie_redirect(connection, request, content, argument, state):
    return reply(connection, 302, b"", {"Location": argument})


def lie_loop(connection, request, content, argument, state):
    return reply(connection, 302, b"", {"Location": request.raw_path})


def lie_hops(connection, request, content, argument, state):
    """Redirects that many times, then serves."""
    left = int(argument)
    if left == 0:
        return reply(connection, 200, b"arrived\n")
    return reply(connection, 302, b"", {"Location": "/lie/hops:%d/x" % (left - 1)})


def lie_break(connection, request, content, argument, state):
    """Ends in the middle the first time, then is honest: resuming works."""
    body = content or FILLER
    if state.count(request.path) > 0:
        return serve(connection, request, body)
    connection.sendall(head(200, {"ETag": etag_of(body), "Content-Length": len(body)}) +
                       body[:len(body) // 2])
    return False


def lie_break_always(connection, request, content, argument, state):
    """Ten bytes more each time, never the end."""
    body = content or FILLER
    first = wanted_range(request, body) or 0
    headers = {"ETag": etag_of(body), "Content-Length": len(body) - first}
    if first:
        headers["Content-Range"] = "bytes %d-%d/%d" % (first, len(body) - 1, len(body))
    connection.sendall(head(206 if first else 200, headers) + body[first:first + 10])
    return False


def broken_once(connection, request, body, state):
    if state.count(request.path) > 0:
        return False
    connection.sendall(head(200, {"ETag": etag_of(body), "Content-Length": len(body)}) +
                       body[:len(body) // 2])
    return True


def lie_break_changed(connection, request, content, argument, state):
    """Ends in the middle; then the file is another one."""
    body = content or FILLER
    if broken_once(connection, request, body, state):
        return False
    return serve(connection, request, b"changed " + body)


def lie_break_no_range(connection, request, content, argument, state):
    """Ends in the middle; then answers a range with the whole."""
    body = content or FILLER
    if broken_once(connection, request, body, state):
        return False
    return reply(connection, 200, body, {"ETag": etag_of(body)})


def lie_break_wrong_range(connection, request, content, argument, state):
    """Ends in the middle; then sends another range than asked, once."""
    body = content or FILLER
    if broken_once(connection, request, body, state):
        return False
    first = wanted_range(request, body)
    if first is None:
        return serve(connection, request, body)
    first -= 7
    return reply(connection, 206, body[first:], {
        "ETag": etag_of(body),
        "Content-Range": "bytes %d-%d/%d" % (first, len(body) - 1, len(body))})


def lie_break_other_etag(connection, request, content, argument, state):
    """Ends in the middle; then a 206 that belongs to another file."""
    body = content or FILLER
    if broken_once(connection, request, body, state):
        return False
    first = wanted_range(request, body)
    if first is None:
        return serve(connection, request, body)
    return reply(connection, 206, body[first:], {
        "ETag": '"another"',
        "Content-Range": "bytes %d-%d/%d" % (first, len(body) - 1, len(body))})


def lie_part(connection, request, content, argument, state):
    """206 though nobody asked for a range."""
    body = content or FILLER
    return reply(connection, 206, body[5:], {
        "ETag": etag_of(body),
        "Content-Range": "bytes 5-%d/%d" % (len(body) - 1, len(body))})


def lie_flip(connection, request, content, argument, state):
    """One bit, at the byte that the argument names."""
    body = bytearray(content or FILLER)
    body[int(argument or 0) % len(body)] ^= 1
    return serve(connection, request, bytes(body))


def lie_then(connection, request, content, argument, state):
    """503 the first time, honest afterwards."""
    if state.count(request.path) == 0:
        return reply(connection, int(argument or 503), b"busy\n", {"Content-Type": "text/plain"})
    return serve(connection, request, content or FILLER)


def lie_delay(connection, request, content, argument, state):
    time.sleep(float(argument))
    return serve(connection, request, content or FILLER)


def tell(lie, connection, request, content, state):
    kind, _, argument = lie.partition(":")
    teller = globals().get("lie_" + kind.replace("-", "_"))
    if teller is None:
        return reply(connection, 599, b"no lie called that\n")
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return teller(connection, request, content, argument, state)
