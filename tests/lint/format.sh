#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every C file is as clang-format 14 writes it (other versions differ).
set -eu
. "$(dirname "$0")/lib.sh"

command -v clang-format-14 >/dev/null || {
    echo "clang-format-14 is not installed: nothing was looked at"
    exit 77
}
sources | xargs clang-format-14 --dry-run -Werror --style=file
