# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# What test scripts share: results as TAP lines, and a scratch directory that goes away. To be sourced, with
# `set -eu` in force and the project's root as the working directory.

tap_count=0
tap_failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
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
