#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Files up to 500 lines (tests: 600), functions up to 60 (100): past that, a thing does more than one job. A file's first line has its licence.
set -eu
. "$(dirname "$0")/lib.sh"

sources | while read -r file; do
    awk -v name="$file" '
        NR == 1 && name ~ /\.c$/ && $0 != "// SPDX-License-Identifier: Apache-2.0" { print name ":1: no licence line" }
        # clang-format puts the braces of functions, and only theirs, alone in the first column.
        /^\{/ { start = NR; title = before }
        /^\}/ && start { if (NR - start > (name ~ /^tests\// ? 100 : 60)) print name ":" start ": " NR - start " lines: " title; start = 0 }
        { before = $0 }
        # Tables of cases make tests long.
        END { if (NR > (name ~ /^tests\// ? 600 : 500)) print name ": " NR " lines" }' "$file"
done | complain
