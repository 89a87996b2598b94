# SPDX-License-Identifier: Apache-2.0
"""What holds for each page that we make, as a browser shows it.

REPROOF_SCREENSHOTS names a folder for pictures to look at.
"""

import os
import pathlib

import browser
import tap


def in_browser(look):
    """LOOK(browser), where there is one that starts; else a skip."""
    chromium = browser.find()
    if chromium is None:
        tap.skip("the page in a browser", "no Chromium: nobody looked at the page")
        return
    with browser.Browser(chromium) as running:
        if running.starts():
            look(running)
        else:
            tap.skip("the page in a browser", "Chromium does not start: nobody looked at the page")


def check_harmless(page, foreign):
    """The page is one file that runs and asks for nothing; FOREIGN selects elements that it must not have."""
    found = page.value("document.querySelectorAll('%s').length" % foreign)
    tap.check("nothing in the page runs or refers to anything else", found == 0, found)
    tap.check("nothing but the page is asked for", len(page.requests()) == 1, page.requests())
    tap.check("the browser has nothing to complain of", page.complaints() == [], page.complaints())


def _brightness(color):
    """Of "rgb(1, 2, 3)": 0 to 765."""
    return sum(int(float(part)) for part in color[color.index("(") + 1:-1].split(",")[:3])


def _check_scheme(page, scheme):
    paper, ink = (page.value("getComputedStyle(document.body).%s" % what) for what in ("backgroundColor", "color"))
    dark = _brightness(paper) < _brightness(ink)
    tap.check("%s mode has its colours" % scheme, dark == (scheme == "dark"), (paper, ink))


def check_looks(running, path, name, rolled):
    """Small, dark and printed; elements that ROLLED selects may be pushed aside on a screen, but not on paper. Returns the page on
    a phone."""
    phone = running.open(path, width=360, height=700)
    wide = phone.value("document.documentElement.scrollWidth")
    tap.check("on a phone nothing is wider than the screen", wide <= 360, wide)
    light, dark = (running.open(path, scheme=scheme) for scheme in ("light", "dark"))
    _check_scheme(light, "light")
    _check_scheme(dark, "dark")
    printed = running.open(path, media="print", width=700)
    flow = printed.value("[...document.querySelectorAll('%s')].every(e => getComputedStyle(e).overflowX == 'visible')" % rolled)
    tap.check("printed, nothing is cut off", flow and printed.value("document.documentElement.scrollWidth") <= 700, flow)
    if os.environ.get("REPROOF_SCREENSHOTS"):
        for look, page in (("phone", phone), ("dark", dark), ("print", printed), ("light", light)):
            page.screenshot(pathlib.Path(os.environ["REPROOF_SCREENSHOTS"]) / ("%s-%s.png" % (name, look)))
    return phone
