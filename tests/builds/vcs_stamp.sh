#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Programs built by go from real git repositories (tags, pseudo-versions, uncommitted changes, modules below the
# root) come out again, byte for byte, from a bare tree and the stub git.
#
#     tests/builds/vcs_stamp.sh [GOROOT...]
#
# REBUILD is our program tests/unit/recipe/rebuild_here of the build folder. Without a GOROOT: that of the go
# command found in PATH. Each needs the standard library built once, some 30 seconds of a core.
set -eu
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
need git
. tests/lib/maker.sh

: "${REBUILD:?the path of rebuild_here}"
[ $# -gt 0 ] || set -- "$goroot"

# program MODULE DIRECTORY: a module with a main package
program() {
    mkdir -p "$2"
    printf 'module %s\n\ngo 1.16\n' "$1" > "$2/go.mod"
    printf 'package main\n\nfunc main() { println("hello") }\n' > "$2/main.go"
}

tag() {
    git -C "$repo" tag "$1"
}

# start MODULE [OBJECT_FORMAT]: a new repository with a program, nothing committed
start() {
    repo="$scratch/repo"
    rm -rf "$repo"
    git init -q -b main ${2:+--object-format=$2} "$repo"
    program "$1" "$repo"
}

# compare NAME GO [SUBDIRECTORY]: built in the repository as it stands, and again from its files alone
compare() {
    name="$2: $1"
    folder="${3:-.}"
    # With GOPROXY=off go takes versions of this commit from the module cache, where earlier ones may lie.
    rm -rf "$scratch/published" "$scratch/mod"
    # $vcs is an option, or nothing.
    # shellcheck disable=SC2086
    if ! publish "$scratch/published" "$repo/$folder" -trimpath -ldflags='-s -w' $vcs; then
        not_ok "$name (go build failed)"
        return
    fi
    rm -rf "$scratch/tree" "$scratch/work"
    cp -r "$repo/$folder" "$scratch/tree"
    rm -rf "$scratch/tree/.git"
    mkdir "$scratch/tree/.git"
    if "$REBUILD" "$scratch/published" "$goroot" "$scratch/tree" "$scratch/work" "$scratch/cache" \
        > "$scratch/log" 2>&1 && cmp "$scratch/published" "$scratch/work/artifact" >> "$scratch/log" 2>&1; then
        ok "$name ($(go version -m "$scratch/published" | sed -n 's/^\tmod\t[^\t]*\t\([^\t]*\).*/\1/p'))"
    else
        not_ok "$name"
        go version -m "$scratch/published" >> "$scratch/log" 2>&1 || :
        go version -m "$scratch/work/artifact" >> "$scratch/log" 2>&1 || :
        note_file "$scratch/log"
    fi
}

all_cases() {
    vcs=-buildvcs=true
    case $("$goroot/bin/go" version) in
    *go1.1[67]*) vcs= ;;
    esac

    start example.com/a
    commit "$repo"
    compare 'no tag' "$1"
    tag v1.2.3
    compare 'a tag' "$1"
    echo '// more' >> "$repo/main.go"
    compare 'a tag, and uncommitted changes' "$1"
    commit "$repo"
    compare 'a commit behind a tag' "$1"
    tag v1.3.0-rc.1
    compare 'a prerelease' "$1"
    commit "$repo"
    compare 'a commit behind a prerelease' "$1"
    tag v1.3.0
    tag v1.3.1
    tag latest
    tag other/v1.9.0
    compare 'several tags on one commit' "$1"
    tag v1.4
    tag v2.0.0
    compare 'tags that are none for the module' "$1"
    echo 'untracked' > "$repo/file"
    commit "$repo"
    echo '// more' >> "$repo/main.go"
    compare 'behind a tag, and uncommitted changes' "$1"

    start example.com/a/v2
    commit "$repo"
    compare 'version 2 without a tag' "$1"
    tag v1.0.0
    compare 'version 2 with a tag of version 1 alone' "$1"
    tag v2.0.1
    compare 'version 2 with its tag' "$1"
    commit "$repo"
    compare 'version 2 behind its tag' "$1"

    start example.com/a
    program example.com/a/sub "$repo/sub"
    commit "$repo"
    tag v1.0.0
    tag sub/v0.5.0
    compare 'a module below the root' "$1" sub
    commit "$repo"
    compare 'a module below the root, behind its tag' "$1" sub
    rm "$repo/go.mod"
    commit "$repo"
    tag sub/v0.5.1
    compare 'a module below a root without go.mod' "$1" sub

    start example.com/a
    printf '\nretract v1.0.1\n' >> "$repo/go.mod"
    commit "$repo"
    tag v1.0.1
    compare 'a tag that its own go.mod retracts' "$1"

    start example.com/a
    rm "$repo/go.mod"
    commit "$repo"
    tag v2.5.0
    program example.com/a "$repo"
    compare 'a version 2 without go.mod' "$1"

    if git init -q --object-format=sha256 "$scratch/probe" 2> "$scratch/log"; then
        start example.com/a sha256
        commit "$repo"
        tag v1.0.0
        compare 'SHA-256 as object format' "$1"
    fi

    if [ -n "$vcs" ]; then
        vcs=-buildvcs=false
        compare 'no stamp at all' "$1"
    fi
}

for goroot; do
    rm -rf "$scratch/cache"
    all_cases "$("$goroot/bin/go" version | cut -d ' ' -f 3)"
done
tap_end
