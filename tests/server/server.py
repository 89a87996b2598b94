#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A module proxy and checksum database for tests, which lies on request.

    server.py [--root DIR] [--rules FILE] [--tls CERTIFICATE KEY] [--address A] [--database SPEC]

Prints "PORT n" once it listens and serves until its standard input ends, so that it dies with the
test that started it. Files come from DIR, laid out as a GOPROXY (what file:// proxies hold).

A lie is KIND or KIND:ARGUMENT, of lies.py. It is told
  for the path         /lie/KIND[:ARGUMENT]/anything   (slashes in the argument as %2F)
  for paths that match a rule: FILE holds {"shell pattern of a path": "KIND:ARGUMENT", ...}
  for rules set later: GET /control/rule?path=PATTERN&lie=KIND:ARGUMENT   (no lie: removes the rule)
  for all after COUNT further ones: GET /control/after?count=COUNT&lie=KIND:ARGUMENT
GET /control/log answers all requests so far as JSON: [{"method", "path", "headers"}, ...], and
GET /control/reset forgets them, the rules and what lies remember.

With --database NAME:FILLER the server also is the checksum database NAME (sumdb.py), both behind
/sumdb/NAME/ and at /, made of the modules in DIR and FILLER invented records;
GET /control/key answers its verifier key, /control/database?do=fork|rollback|grow|head makes it lie.
"""
import argparse
import fnmatch
import json
import os
import socket
import socketserver
import ssl
import sys
import threading
import urllib.parse

sys.dont_write_bytecode = True

import lies  # noqa: E402
import sumdb  # noqa: E402

REQUEST_MAXIMUM = 65536


class State:
    """What all connections share."""

    def __init__(self, options):
        self.lock = threading.Lock()
        self.root = options.root
        self.first_rules = json.load(open(options.rules)) if options.rules else {}
        self.database = None
        if options.database:
            name, _, filler = options.database.partition(":")
            self.database = sumdb.Database(name, options.root, int(filler or 0))
        self.reset()

    def reset(self):
        self.rules = dict(self.first_rules)
        self.log = []
        self.after = None  # how many requests are honest still, and the lie of those behind them
        self.memory = {}  # of lies that tell the second time from the first

    def is_after(self):
        """Counts a request; the lie that it gets as one too late, or None."""
        with self.lock:
            if self.after is None:
                return None
            left, lie = self.after
            self.after = (left - 1, lie)
            return lie if left <= 0 else None

    def count(self, path):
        """How often this was called for PATH before."""
        with self.lock:
            self.memory[path] = self.memory.get(path, 0) + 1
            return self.memory[path] - 1


class Request:
    def __init__(self, head):
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = lines[0].split(" ", 2)
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.strip().lower()] = value.strip()
        parts = urllib.parse.urlsplit(self.target)
        self.raw_path = parts.path
        self.path = urllib.parse.unquote(parts.path)
        self.query = dict(urllib.parse.parse_qsl(parts.query))


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            if self.server.tls:
                self.request = self.server.tls.wrap_socket(self.request, server_side=True)
            self.request.settimeout(60)
            self.rest = b""
            while self.one():
                pass
        except (OSError, ValueError):
            pass
        finally:
            try:
                self.request.close()
            except OSError:
                pass

    def one(self):
        """Answers one request; False where the connection ends."""
        while b"\r\n\r\n" not in self.rest:
            got = self.request.recv(16384)
            if not got or len(self.rest) > REQUEST_MAXIMUM:
                return False
            self.rest += got
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        request = Request(head)
        state = self.server.state
        if request.path.startswith("/control/"):
            return self.control(request)
        with state.lock:
            state.log.append({"method": request.method, "path": request.path,
                              "headers": request.headers})
        lie = state.is_after() or self.lie_for(request)
        if lie:
            return lies.tell(lie, self.request, request, self.content(request), state)
        return self.honest(request)

    def lie_for(self, request):
        if request.raw_path.startswith("/lie/"):
            return urllib.parse.unquote(request.raw_path.split("/")[2])
        for pattern, lie in self.server.state.rules.items():
            if fnmatch.fnmatchcase(request.path, pattern):
                return lie
        return None

    def content(self, request):
        """The bytes at the request's path, or None."""
        state = self.server.state
        path = request.path
        if path.startswith("/lie/"):
            path = "/" + (request.raw_path.split("/", 3) + [""])[3]
            path = urllib.parse.unquote(path)
        if state.database:
            answer = state.database.answer(path)
            if answer is not None:
                return answer
        elements = [e for e in path.split("/") if e]
        if not state.root or any(e in (".", "..") for e in elements):
            return None
        try:
            with open(os.path.join(state.root, *elements), "rb") as file:
                return file.read()
        except OSError:
            return None

    def honest(self, request):
        content = self.content(request)
        if content is None:
            lies.reply(self.request, 404, b"not found\n", {"Content-Type": "text/plain"})
            return True
        return lies.serve(self.request, request, content)

    def control(self, request):
        state = self.server.state
        what = request.path[len("/control/"):]
        answer = b"ok\n"
        with state.lock:
            if what == "rule" and "lie" in request.query:
                state.rules[request.query["path"]] = request.query["lie"]
            elif what == "rule":
                state.rules.pop(request.query["path"], None)
            elif what == "after":
                state.after = (int(request.query["count"]), request.query["lie"])
            elif what == "log":
                answer = json.dumps(state.log).encode()
            elif what == "reset":
                state.reset()
            elif what == "key" and state.database:
                answer = state.database.key.encode()
            elif what == "database" and state.database:
                answer = state.database.change(request.query["do"]).encode()
            else:
                lies.reply(self.request, 404, b"no such control\n")
                return True
        lies.reply(self.request, 200, answer)
        return True


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root")
    parser.add_argument("--rules")
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--database")
    options = parser.parse_args()
    server = Server((options.address, 0), Handler)
    server.state = State(options)
    server.tls = None
    if options.tls:
        server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.tls.load_cert_chain(*options.tls)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("PORT %d" % server.server_address[1], flush=True)
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
