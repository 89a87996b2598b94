# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# Modules of our own on a module proxy of our own, with a checksum database. To be sourced after tap.sh.

: "${scratch:?}"
need python3
trap 'exec 9>&-; wait; remove_scratch' EXIT

# offer PATH VERSION DIRECTORY: a module of the proxy; before serve.
offer() {
    python3 tests/lib/module_zip.py "$scratch/proxy" "$@"
}

# serve: starts proxy and database; they end with this script.
serve() {
    mkfifo "$scratch/alive"
    python3 tests/server/server.py --root "$scratch/proxy" --database sum.example.com:20 <"$scratch/alive" >"$scratch/port" &
    exec 9>"$scratch/alive"
    while ! grep -q PORT "$scratch/port"; do sleep 0.1; done
    GOPROXY=http://127.0.0.1:$(sed 's/PORT //' "$scratch/port")
    GOSUMDB=$(python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())' \
        "$GOPROXY/control/key")
    export GOPROXY GOSUMDB
}
