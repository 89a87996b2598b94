# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# Modules of our own on a module proxy with a checksum database of our own, programs built of them by the go of this host,
# and what `rebuild` says of these. To be sourced after tap.sh, with the program's path in $reproof; exits where there is
# no go, git, python3 or bubblewrap.

: "${scratch:?}" "${reproof:?}"
for program in go git python3; do
    command -v $program >/dev/null || { echo "1..0 # SKIP no $program"; exit 0; }
done
goroot=${goroot:-$(go env GOROOT)}
if ! bwrap --unshare-all --ro-bind / / true 2>/dev/null; then
    echo "1..0 # SKIP bubblewrap cannot make a box on this machine"
    exit 0
fi
trap 'exec 9>&-; wait; chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT

export HOME="$scratch/home" GOENV=off GOFLAGS='' GOTOOLCHAIN=local CGO_ENABLED=0 GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_DATE='2024-05-06T07:08:09+0200' GIT_COMMITTER_DATE='2024-05-06T07:08:09+0200'
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
export GOMODCACHE="$scratch/mod" GOCACHE="$scratch/cache"
mkdir -p "$HOME"

# file PATH: standard input becomes the file, its directory made.
file() {
    mkdir -p "$(dirname "$1")"
    cat >"$1"
}

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

# commit DIRECTORY [TAG]: all of it, as a git repository.
commit() (
    cd "$1" || exit
    [ -d .git ] || git init -q -b main
    git add -Af .
    git commit -qm x
    [ $# = 1 ] || git tag "$2"
)

# publish FILE DIRECTORY OPTION...: builds the program in DIRECTORY as its maker would.
publish() {
    published=$1 folder=$2
    shift 2
    (cd "$folder" && "$goroot/bin/go" build "$@" -o "$published" .) >"$scratch/log" 2>&1 || {
        note_file "$scratch/log"
        return 1
    }
}

# judge NAME EXPECTED_EXIT EXPECTED_TEXT FILE OPTION...
judge() {
    name=$1 wanted=$2 text=$3 judged=$4
    shift 4
    code=0
    "$reproof" rebuild --json --quiet --store "$scratch/store" --state "$scratch/state" --toolchain "$goroot" "$@" "$judged" \
        >"$scratch/out" 2>"$scratch/err" </dev/null 9>&- || code=$?
    if [ "$code" = "$wanted" ] && grep -qF -e "$text" "$scratch/out"; then
        ok "$name: exit $wanted, $text"
    else
        not_ok "$name: exit $code instead of $wanted, or no $text"
        grep -E '"(verdict|code|detail|cure|name)":' "$scratch/out" | head -n 20 | sed 's/^/#   /'
        tail -n 10 "$scratch/err" | sed 's/^/#   /'
    fi
}

# says NAME TEXT: of the judgement before.
says() {
    if grep -qF -e "$2" "$scratch/out"; then
        ok "$1"
    else
        not_ok "$1: not said: $2"
        grep -E '"(verdict|code|detail|cure|name)":' "$scratch/out" | head -n 20 | sed 's/^/#   /'
    fi
}

# says_not NAME TEXT
says_not() {
    if grep -qF -e "$2" "$scratch/out"; then
        not_ok "$1: said: $(grep -F -e "$2" "$scratch/out" | head -n 1)"
    else
        ok "$1"
    fi
}
