#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what building and running reproof needs and a fresh Debian 12 lacks, from Debian itself.
#
#     sh docs/setup.sh [pip] [tests]
#
# "pip" adds what docs/quickstart.sh needs, "tests" what tests/run.sh needs. Does nothing, quickly, where all is there.
set -eu

packages="binutils bubblewrap ca-certificates gcc libarchive-dev libc6-dev libcjson-dev libcurl4-openssl-dev
    libelf-dev libsodium-dev libssl-dev meson ninja-build pkg-config zlib1g-dev"

say() {
    printf 'setup: %s\n' "$*" >&2
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# True if GOPROXY stands in the environment or in the file where `go env -w` writes.
names_goproxy() {
    [ -z "${GOPROXY:-}" ] || return 0
    file=${GOENV:-${XDG_CONFIG_HOME:-${HOME:-/nonexistent}/.config}/go/env}
    [ -f "$file" ] && grep -q '^GOPROXY=.' "$file"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif has sudo; then
        sudo "$@"
    else
        say "these packages have to be installed by root:$missing"
        say "next: as root, apt-get install --no-install-recommends$missing"
        exit 3
    fi
}

for group in "$@"; do
    case $group in
    pip) python3 -m pip --version >/dev/null 2>&1 || packages="$packages python3-pip" ;;
    tests)
        packages="$packages clang-format-14 git libcmocka-dev minisign openssh-client openssl osslsigncode python3
            python3-jsonschema python3-venv scdoc shellcheck signify-openbsd strace"
        # The client of a registry.
        has npm || packages="$packages npm"
        has go || packages="$packages golang-go"
        # A job array of a real engine.
        packages="$packages munge slurm-wlm"
        ;;
    *)
        say "unknown group '$group'"
        exit 2
        ;;
    esac
done
# A network setting of Go's own is all that reproof asks of go; the program itself is only needed to tell Go's default.
names_goproxy || has go || packages="$packages golang-go"

if ! has dpkg-query || ! has apt-get; then
    say "this is no Debian: have the equivalents of these installed:" "$packages"
    exit 0
fi

missing=
for package in $packages; do
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
    installed) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

say "installing with apt-get:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM HUP
install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@" >"$log" 2>&1 || {
        cat "$log" >&2
        say "apt-get $1 failed"
        exit 3
    }
}
install update -qq
# The names are a list of words.
# shellcheck disable=SC2086
install install -y -qq --no-install-recommends $missing
say "done"
