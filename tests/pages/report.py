# SPDX-License-Identifier: Apache-2.0
"""The page of `reproof report --format html`, as a browser shows it.

    python3 tests/pages/report.py REPROOF
"""

import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "lib"))
import looks  # noqa: E402
from tap import check, end  # noqa: E402

# A name that is markup, an entity and an attribute's end.
EVIL = 'tool<img src=x onerror="document.title=1">&amp;\'.exe'
PLATFORMS = ["darwin/arm64", "linux/386", "linux/amd64", "linux/arm64", "windows/amd64", "windows/arm64"]


def subject(index, platform):
    verdict = ["reproduced", "different", "reproduced", "unproven", "reproduced", "reproduced"][index]
    return {
        "name": EVIL if index == 5 else "tool-" + platform.replace("/", "-"), "container": None, "sha256": "%064x" % (index + 1),
        "size": 10485760, "platform": platform, "variant": "GOAMD64=v1", "verdict": verdict, "accepted": verdict == "reproduced",
        "reason": {"code": "network", "detail": "the module proxy does not answer", "cure": "try again later"}
        if verdict == "unproven" else None,
        "assumptions": [{"name": "vcs-echoed", "detail": "revision 75f99ff3 repeated from the file, confirmed by nobody"},
                        {"name": "tags", "detail": "no_self_update"}],
        "first_difference": {"offset": 4096, "section": ".text"} if verdict == "different" else None,
        "difference": {"cause": [{"code": "source", "detail": "functions of the program itself differ"}]}
        if verdict == "different" else None,
        "source": {"module": "example.com/some/longer/module/path/of/a/tool", "version": "v1.2.3", "proof": "recorded",
                   "h1": "h1:" + "x" * 43 + "="},
        "toolchain": {"version": "go1.24.1", "h1": "h1:" + "y" * 43 + "=", "proof": "recorded"}, "pair": "p%d" % index}


def make(program, folder):
    """The page of a release in which one pair differs and one is undecided."""
    subjects = [subject(index, platform) for index, platform in enumerate(PLATFORMS)]
    states = {"different": "refuted", "unproven": "undecided", "reproduced": "holds"}
    pairs = [{"name": "p%d" % index, "artifact": one["name"], "platforms": [one["platform"]], "sha256": one["sha256"],
              "size": one["size"], "state": states[one["verdict"]],
              "why": None if one["accepted"] else "%s: %s" % (one["name"], one["verdict"]),
              "cure": None if one["accepted"] else "reproof diff says why"} for index, one in enumerate(subjects)]
    result = {"schema": "reproof/rebuild/v1", "tool": {"name": "reproof", "version": "0"}, "decision": "no", "exit": 1,
              "release": {"name": "tool", "version": "1.2.3", "expect": "example.com/tool@v1.2.3", "manifest": "0" * 64},
              "pairs": pairs, "strangers": [EVIL], "subjects": subjects, "containers": [], "summary": {}, "warnings": []}
    (folder / "result.json").write_text(json.dumps(result))
    page = folder / "page.html"
    code = subprocess.run([program, "report", "result.json", "--output", page], cwd=folder, check=False).returncode
    check("the page is written", code == 0 and page.exists(), code)
    return page


def check_content(page):
    check("the title names the release", page.value("document.title") == "tool 1.2.3", page.value("document.title"))
    looks.check_harmless(page, "script,img,link,iframe,object,form,[onerror],[style]")
    out = page.value("[...document.querySelectorAll('a')].filter(a => !a.getAttribute('href').startsWith('#')).length")
    check("links stay within the page", out == 0, out)
    badge = page.value("document.querySelector('h1 .badge').textContent")
    check("the decision stands on top", badge == "no", badge)
    rows = page.value("[...document.querySelector('table').querySelectorAll('tr td:first-child')].map(e => e.textContent)")
    check("the matrix has each pair's state", rows == ["holds", "refuted", "holds", "undecided", "holds", "holds"], rows)
    dead = page.value("[...document.querySelectorAll('a')].filter(a => !document.querySelector(a.getAttribute('href'))).length")
    check("each pair leads to its programs", dead == 0 and page.value("document.querySelectorAll('a').length") == 6, dead)
    text = page.value("document.body.textContent")
    check("assumptions, causes and reasons are told", all(part in text for part in (
        "vcs-echoed: revision 75f99ff3", "source: functions of the program", "network: the module proxy", "at offset 4096, in .text")))
    check("names are text, not markup", text.count(EVIL) >= 3, text.count(EVIL))


def check_phone(phone):
    # The first column of facts must leave room for what they are.
    narrow = phone.value("Math.min(...[...document.querySelectorAll('.facts td')].map(e => e.getBoundingClientRect().width))")
    check("on a phone facts have room", narrow >= 180, narrow)
    hidden = phone.value("[...document.querySelectorAll('.wide')].filter(e => e.scrollWidth > e.clientWidth + 1).length")
    check("on a phone no table has to be pushed aside", hidden == 0, hidden)


def check_page(running, page):
    check_content(running.open(page))
    check_phone(looks.check_looks(running, page, "report", rolled=".wide"))


def main():
    program = str(pathlib.Path(sys.argv[1]).absolute())
    with tempfile.TemporaryDirectory() as folder:
        page = make(program, pathlib.Path(folder))
        looks.in_browser(lambda running: check_page(running, page))
    return end()


if __name__ == "__main__":
    sys.exit(main())
