#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No registry's host and no path of the machine stands in a file or a commit message: Go, npm and pip know their registries
# themselves. Which hosts these are is asked of the clients, now. One file, the trust anchor, names the checksum database.
set -eu
. "$(dirname "$0")/lib.sh"

hosts() {
    {
        go env GOPROXY GONOPROXY 2>/dev/null | tr ',' '\n' | tr '|' '\n'
        npm config get registry 2>/dev/null
        python3 -m pip config get global.index-url 2>/dev/null
        python3 -m pip config get global.extra-index-url 2>/dev/null
        python3 -c 'from pip._internal.models.index import PyPI; print("https://" + PyPI.netloc)' 2>/dev/null
    } | sed -n 's|^[ "]*https\{0,1\}://\([^/:@]*@\)\{0,1\}\([^/:" ]*\).*|\2|p' | sort -u
}

# Fixed strings: the hosts, where this clone lies, and the home of who runs this (short ones would match anything).
patterns=$(
    hosts
    for path in "$PWD" "${HOME:-}"; do
        [ "${#path}" -gt 8 ] && printf '%s/\n' "$path"
    done || :
)
machine='(^|[^A-Za-z0-9_./-])/(work|farm)/'
{
    if [ -n "$patterns" ]; then
        files | xargs grep -InF -e "$patterns" -- || :
        git log --format='%h %s%n%b' 2>/dev/null | grep -F -e "$patterns" | sed 's|^|commit message: |' || :
    fi
    files | grep -v '^tests/lint/hosts\.sh$' | xargs grep -InE "$machine" -- || :
} | complain
