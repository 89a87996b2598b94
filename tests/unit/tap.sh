#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the program named, with its arguments. cmocka 1.1.5 writes a skipped case as "not ok N # SKIP", which meson takes for
# a failure; TAP has "ok N - NAME # SKIP REASON". The reason is a line "# skip: REASON"
# before it, or whatever else the test said.
{
    "$@"
    printf '\n#exit %d\n' "$?"
} | awk '
    /^#exit / { code = $2; next }
    !/^(ok|not ok|#|1\.\.|TAP version|Bail out)/ && NF { reason = $0; $0 = "# " $0 }
    /^# skip: / { reason = substr($0, 9) }
    /^not ok [0-9]+ # SKIP/ { $0 = "ok " $3 " - " $6 " # SKIP " reason }
    /./ { print; fflush() }
    END { exit code }'
