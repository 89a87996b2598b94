# SPDX-License-Identifier: Apache-2.0
"""A page of ours in headless Chromium, spoken to over its own pipe: nothing to install but the browser.

    with Browser(program) as browser:
        page = browser.open(path, width=360)
        page.value("document.title")
"""

import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time


def find():
    """The browser's path, or None."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if shutil.which(name):
            return shutil.which(name)
    return None


class Browser:
    seconds = 120

    def __init__(self, program):
        self.folder = tempfile.mkdtemp(prefix="browser-")
        to_browser, self.out = os.pipe()
        self.inward, from_browser = os.pipe()
        # The browser reads descriptor 3 and writes descriptor 4.
        command = 'exec "$0" "$@" 3<&%d 4>&%d' % (to_browser, from_browser)
        # Boxes of continuous integration offer no namespaces for its sandbox; all that it is shown is our own page.
        arguments = [program, "--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu",
                     "--disable-extensions", "--disable-dev-shm-usage", "--user-data-dir=" + self.folder, "about:blank"]
        self.process = subprocess.Popen(["sh", "-c", command] + arguments, pass_fds=(to_browser, from_browser),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(to_browser)
        os.close(from_browser)
        self.number, self.kept, self.events = 0, b"", []

    def starts(self):
        try:
            return bool(self.call("Browser.getVersion"))
        except (OSError, EOFError, TimeoutError):
            return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close")
        except (OSError, EOFError, TimeoutError, RuntimeError):
            pass
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def message(self, deadline):
        while b"\0" not in self.kept:
            ready, _, _ = select.select([self.inward], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError("the browser does not answer")
            piece = os.read(self.inward, 1 << 16)
            if not piece:
                raise EOFError("the browser ended")
            self.kept += piece
        text, self.kept = self.kept.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, session=None, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if session:
            request["sessionId"] = session
        os.write(self.out, json.dumps(request).encode() + b"\0")
        deadline = time.monotonic() + self.seconds
        while True:
            message = self.message(deadline)
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError("%s: %s" % (method, message["error"]))
                return message["result"]
            self.events.append(message)

    def open(self, path, **look):
        return Page(self, path, **look)


class Page:
    """Look: width, height, scheme ("light", "dark"), media ("screen", "print")."""

    def __init__(self, browser, path, width=1200, height=900, scheme="light", media="screen"):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}])
        for domain in ("Page", "Log", "Runtime", "Network"):
            self.call(domain + ".enable")
        self.call("Page.navigate", url=pathlib.Path(path).absolute().as_uri())
        deadline = time.monotonic() + browser.seconds
        while not any(self.own("Page.loadEventFired")):
            browser.events.append(browser.message(deadline))

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def own(self, method):
        return [event["params"] for event in self.browser.events
                if event.get("sessionId") == self.session and event["method"] == method]

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"]))
        return result["result"].get("value")

    def complaints(self):
        """What the browser did not like: violations of the page's policy, failed requests, errors."""
        return [entry["entry"]["text"] for entry in self.own("Log.entryAdded")] + self.own("Runtime.exceptionThrown")

    def requests(self):
        return [event["request"]["url"] for event in self.own("Network.requestWillBeSent")]

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(data))
