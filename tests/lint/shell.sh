#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Scripts are POSIX sh without what shellcheck warns of.
set -eu
. "$(dirname "$0")/lib.sh"

command -v shellcheck >/dev/null || {
    echo "shellcheck is not installed: nothing was looked at"
    exit 77
}
{ files | grep '\.sh$'; echo .ci/run; } | sort -u | while read -r file; do
    [ ! -f "$file" ] || printf '%s\n' "$file"
done | xargs shellcheck --shell=sh --external-sources --source-path=SCRIPTDIR:.
