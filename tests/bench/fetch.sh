#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A toolchain got, verified and unpacked, against go mod download of the same.
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh

need_shfmt
go=$(goroot newest)/bin/go
heading "toolchain got, verified, unpacked" "go mod download"
# Both begin with nothing at all; ours gets the module's source and its dependencies besides.
ours="at=\$(mktemp -d -p $scratch); exec $reproof recipe --quiet --store \$at/store --state \$at/state --source $shfmt_source $shfmt"
theirs="at=\$(mktemp -d -p $scratch); GOMODCACHE=\$at GOFLAGS=-modcacherw GOTOOLCHAIN=local GOENV=off
    exec $go mod download golang.org/toolchain@v0.0.1-go1.27.1.linux-amd64"
pair "go1.27.1" 1.00 3 sh -c "$ours" against sh -c "$theirs"
