# SPDX-License-Identifier: Apache-2.0
"""The table of tests/corpus.sh.

row PURL PLATFORM RESULT EXIT TABLE SECONDS MESSAGES ROWS: the lines for one package, printed and noted in ROWS.
close ROWS: rates, and where verdict and expectation differ; exit 1 if they do.
"""
import json
import os
import sys

# What nobody can do anything about where the inputs are not to be had.
UNAVAILABLE = {"source-unavailable", "toolchain-unavailable", "c-toolchain-unavailable", "network", "toolchain-file"}


def cases(table, purl, platform):
    """The rows of one package: digest -> (path, expected)."""
    found = {}
    for line in open(table):
        fields = line.rstrip("\n").split("\t")
        if fields[0] == purl and len(fields) >= 17 and "/".join(fields[4:6]) == platform:
            found[fields[2]] = (fields[1], fields[16])
    return found


def verdict_of(subject):
    reason = subject["reason"] or {}
    removed = ",".join(part["name"] for part in subject.get("removed") or [])
    return subject["verdict"], reason.get("code") or removed or "", reason.get("detail") or ""


def fits(expected, verdict, reason):
    """"unproven: source-unavailable (no option given)" against verdict and reason."""
    wanted, _, rest = expected.partition(":")
    return wanted.strip() == verdict and rest.split("(")[0].strip() in ("", reason)


def rows_of(purl, platform, result, code, table, seconds, messages):
    wanted = cases(table, purl, platform)
    try:
        subjects = json.load(open(result)).get("subjects", [])
    except ValueError:
        subjects = []
    for subject in subjects:
        path, expected = wanted.pop(subject["sha256"], (subject["name"], ""))
        verdict, reason, detail = verdict_of(subject)
        yield [purl, path, verdict, reason, len(subject["tries"] or []), round(subject["seconds"]), expected, detail]
    told = open(messages).read().strip().splitlines()[-1:] if os.path.exists(messages) else []
    for path, expected in wanted.values():
        kind = "not fetched" if code == "fetch" else "no result"
        yield [purl, path, kind, "exit " + code, 0, int(seconds), expected, "".join(told)]
    if not subjects and not wanted:
        yield [purl, "", "not fetched" if code == "fetch" else "no result", "exit " + code, 0, int(seconds), "", "".join(told)]


def row(arguments, notes):
    with open(notes, "a") as out:
        for line in rows_of(*arguments):
            purl, path, verdict, reason, tries, seconds, expected, detail = line
            mark = "" if expected == "" or fits(expected, verdict, reason) else "   EXPECTED " + expected
            print(f"{purl}  {os.path.basename(path)}  {verdict}  {reason or '-'}  {tries}  {seconds}{mark}", flush=True)
            if verdict != "reproduced":
                print("    " + detail[:300], flush=True)
            out.write(json.dumps(line) + "\n")


def share(part, whole):
    return f"{part} of {whole}" + (f" ({100 * part // whole} %)" if whole else "")


def close(notes):
    lines = [json.loads(line) for line in open(notes)]
    proven = [line for line in lines if line[2] in ("reproduced", "equivalent")]
    had = [line for line in lines if line[3] not in UNAVAILABLE and line[2] not in ("not fetched", "no result")]
    wrong = [line for line in lines if line[6] and line[2] != "not fetched" and not fits(line[6], line[2], line[3])]
    print(f"\nreproduced or equivalent: {share(len(proven), len(lines))}; "
          f"of those whose inputs could be had: {share(len(proven), len(had))}")
    print("\nverdict and expectation differ:" if wrong else "\nevery verdict is the expected one")
    for line in wrong:
        print(f"  {line[0]} {line[1]}: {line[2]} {line[3]}, expected {line[6]}\n    {line[7]}")
    return 1 if wrong else 0


if sys.argv[1] == "row":
    row(sys.argv[2:-1], sys.argv[-1])
else:
    sys.exit(close(sys.argv[2]))
