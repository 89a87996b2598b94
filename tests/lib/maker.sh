# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# A maker of programs: the go and git of this machine, with no settings, caches or proxies but those given here. To be sourced
# after tap.sh; the script is skipped where there is no go.
#
# $goroot: the Go that builds; that of PATH unless set before.

: "${scratch:?}"
need go
goroot=${goroot:-$(GOTOOLCHAIN=local go env GOROOT)}

export HOME="$scratch/home" GOPATH="$scratch/go" GOMODCACHE="$scratch/mod" GOCACHE="$scratch/cache"
export GOENV=off GOFLAGS='' GOWORK='' GOTOOLCHAIN=local GOPROXY=off CGO_ENABLED=0
export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
export GIT_AUTHOR_DATE='2024-05-06T07:08:09+0200' GIT_COMMITTER_DATE='2024-05-06T07:08:09+0200'
mkdir -p "$HOME"

# file PATH: standard input becomes the file, its directory made.
file() {
    mkdir -p "$(dirname "$1")"
    cat >"$1"
}

# commit DIRECTORY [TAG]: all of it, as a git repository.
commit() (
    cd "$1" || exit
    [ -d .git ] || git init -q -b main
    git add -Af .
    git commit -q --allow-empty -m x
    [ $# = 1 ] || git tag "$2"
)

# publish FILE DIRECTORY OPTION...: builds the program in DIRECTORY as its maker would.
publish() (
    published=$1 folder=$2
    shift 2
    (cd "$folder" && "$goroot/bin/go" build "$@" -o "$published" .) >"$scratch/log" 2>&1 || {
        note_file "$scratch/log"
        return 1
    }
)
