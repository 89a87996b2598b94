# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# What the lints share. To be sourced; goes to the project's root. A lint prints what is wrong, one line each, and ends
# with 1 if there was any, with 77 where it cannot look.
cd "$(dirname "$0")/../.." || exit 2

# Our C files, one a line; with arguments: of these folders only, where they exist.
sources() {
    [ $# -gt 0 ] || set -- base verifier signer attest cli tests
    for folder in "$@"; do
        [ ! -d "$folder" ] || find "$folder" -name '*.[ch]'
    done | LC_ALL=C sort
}

# Every file of the project that git knows or would add; where there is no git, every file but builds.
files() {
    git ls-files --cached --others --exclude-standard 2>/dev/null ||
        find . \( -name .git -o -name 'build*' \) -prune -o -type f -print | sed 's|^\./||'
}

# Passes on lines of complaint; the exit code says whether there were any.
complain() {
    awk '{ print; n++ } END { exit n > 0 }'
}
