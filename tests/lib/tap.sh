# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# What test scripts share: results as TAP lines, what a script cannot do without, and a scratch directory that goes away. To be
# sourced, with `set -eu` in force and the project's root as the working directory.

tap_count=0
tap_failed=0
scratch=$(mktemp -d)

# Read-only trees of stores and module caches must not stop the removal.
remove_scratch() {
    chmod -R u+w "$scratch" 2>/dev/null || :
    rm -rf "$scratch"
}
trap remove_scratch EXIT
trap 'exit 130' INT TERM HUP

ok() {
    tap_count=$((tap_count + 1))
    printf 'ok %d - %s\n' "$tap_count" "$1"
}

not_ok() {
    tap_count=$((tap_count + 1))
    tap_failed=$((tap_failed + 1))
    printf 'not ok %d - %s\n' "$tap_count" "$1"
}

# skip NAME REASON
skip() {
    tap_count=$((tap_count + 1))
    printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

# Shows the file $1 as a comment.
note_file() {
    sed 's/^/#   /' "$1"
}

# The plan, and the exit code: 1 if a case failed.
tap_end() {
    printf '1..%d\n' "$tap_count"
    [ "$tap_failed" = 0 ]
}

# skip_all REASON: ends the script here, as one case that was not tried.
skip_all() {
    skip "$(basename "$0" .sh)" "$1"
    tap_end
    exit
}

# need PROGRAM...: the script is skipped where one of them is not installed.
need() {
    for needed in "$@"; do
        command -v "$needed" >/dev/null || skip_all "no $needed"
    done
}

no_box="bubblewrap cannot make a box on this machine"

has_box() {
    bwrap --unshare-all --ro-bind / / true 2>/dev/null
}

need_box() {
    has_box || skip_all "$no_box"
}

# flip FILE OFFSET: changes one bit of the byte there.
flip() {
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    # Octal, because that is what POSIX printf has for bytes.
    # shellcheck disable=SC2059
    printf "\\$(printf '%03o' $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
