# SPDX-License-Identifier: Apache-2.0
"""The page of `reproof diff --html`, as a browser shows it.

    python3 tests/pages/diff.py REPROOF
"""

import pathlib
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(TESTS / "lib"))
import looks  # noqa: E402
from tap import check, end  # noqa: E402

SEEDS = TESTS.parent / "testdata/fuzz/inspect"
# A name that is markup, an entity and an attribute's end.
NAME_A = 'a<img src=x onerror="document.title=1">&amp;\'.bin'
NAME_B = "b<script>document.title=2<!--"
# An offset within the code.
CHANGED = 0x304


def make(program, folder):
    """A program and the same with other bytes in its code and more at its end; returns the pages."""
    original = (SEEDS / "elf").read_bytes()
    changed = bytearray(original)
    changed[CHANGED:CHANGED + 4] = b"\x5a\x5a\x5a\x5a"
    (folder / NAME_A).write_bytes(original)
    (folder / NAME_B).write_bytes(bytes(changed) + b"a long tail, in no section " * 20)
    pages = {}
    for name, other in (("different", NAME_B), ("identical", NAME_A)):
        pages[name] = folder / (name + ".html")
        code = subprocess.run([program, "diff", "--html", pages[name], NAME_A, other], cwd=folder,
                              stdout=subprocess.DEVNULL, check=False).returncode
        check("the page of %s files is written, exit code as without it" % name,
              code == (1 if name == "different" else 0) and pages[name].exists(), code)
    return pages


def check_content(page):
    title = page.value("document.title")
    check("the title names verdict and files, as text", title == "different: %s against %s" % (NAME_A, NAME_B), title)
    names = page.value("[...document.querySelectorAll('p code')].slice(0, 2).map(e => e.textContent)")
    check("names of files are text, not markup", names == [NAME_A, NAME_B], names)
    looks.check_harmless(page, "script,img,link,iframe,object,a,form,[onerror],[style]")
    badge = page.value("document.querySelector('h1 .badge').textContent")
    check("the verdict stands on top", badge == "different", badge)
    cause = page.value("document.querySelector('.note .cause').textContent")
    check("the cause stands below it", cause == "appended-data", cause)
    marked = page.value("document.querySelectorAll('pre mark').length")
    check("bytes that differ are marked in the hex", marked > 0, marked)


def check_bars(page):
    """Bars against the sizes in the table: drawn to the same scale, differences where they are."""
    bars = page.value("""[...document.querySelectorAll('.bar svg')].map(s => ({
        width: s.getBoundingClientRect().width,
        parts: [...s.querySelectorAll('rect:not(.mark)')].map(r => [r.textContent, r.getBoundingClientRect().width]),
        marks: [...s.querySelectorAll('rect.mark')].map(r => [r.textContent, r.getBoundingClientRect().x - s.getBoundingClientRect().x,
            r.getBoundingClientRect().width])}))""")
    check("there is a bar for each file", len(bars) == 2 and all(bar["width"] > 300 for bar in bars), bars)
    sizes = {"A": (SEEDS / "elf").stat().st_size}
    sizes["B"] = sizes["A"] + 27 * 20
    tail = [part for part in bars[1]["parts"] if part[0] == "appended"]
    wanted = bars[1]["width"] * 27 * 20 / sizes["B"]
    check("a section is as wide as its share of the file", len(tail) == 1 and abs(tail[0][1] - wanted) < 3, (tail, wanted))
    whole = [sum(part[1] for part in bar["parts"]) for bar in bars]
    check("sections fill the bar", all(abs(sum_ - bar["width"]) < 8 for sum_, bar in zip(whole, bars)), whole)
    at = bars[0]["width"] * CHANGED / sizes["A"]
    near = [mark for mark in bars[0]["marks"] if abs(mark[1] - at) < 6]
    check("changed bytes are marked where they are", len(near) >= 1, (bars[0]["marks"], at))
    check("the mark of the tail is the tail", any(m[0] == "appended" and abs(m[2] - wanted) < 3 for m in bars[1]["marks"]),
          bars[1]["marks"])


def check_pages(running, pages):
    page = running.open(pages["different"])
    check_content(page)
    check_bars(page)
    looks.check_looks(running, pages["different"], "diff", rolled=".wide, pre")
    same = running.open(pages["identical"])
    text = same.value("document.body.textContent")
    check("the page of identical files says so", text.startswith("\nidentical") and "Equal, byte for byte" in text, text)


def main():
    program = str(pathlib.Path(sys.argv[1]).absolute())
    with tempfile.TemporaryDirectory() as folder:
        pages = make(program, pathlib.Path(folder))
        looks.in_browser(lambda running: check_pages(running, pages))
    return end()


if __name__ == "__main__":
    sys.exit(main())
