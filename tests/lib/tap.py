# SPDX-License-Identifier: Apache-2.0
"""Results as TAP lines, for tests in Python.

    import tap
    tap.check("the page is written", page.exists())
    sys.exit(tap.end())
"""

_verdicts = []


def _tell(passed, name):
    _verdicts.append(passed)
    print("%s %d - %s" % ("ok" if passed else "not ok", len(_verdicts), name))


def check(name, passed, seen=""):
    """SEEN is shown if the case failed."""
    _tell(bool(passed), name)
    if not passed:
        print("#   seen: %s" % (seen,))


def skip(name, reason):
    _tell(True, "%s # SKIP %s" % (name, reason))


def end():
    """The plan; what to exit with."""
    print("1..%d" % len(_verdicts))
    return not all(_verdicts)
