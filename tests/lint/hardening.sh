#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The programs named as arguments are hardened as they were meant to be: position-independent, RELRO, bound at start, no
# executable stack or writable code, a stack protector, no search path for libraries.
set -eu

status=0
complain() {
    printf '%s: %s\n' "$program" "$*"
    status=1
}

for program in "$@"; do
    headers=$(readelf -hlW "$program")
    dynamic=$(readelf -dW "$program")
    symbols=$(readelf -sW "$program")
    has() { printf '%s\n' "$1" | grep -qE "$2"; }
    # The sanitizers bring code of their own; what is looked at here is what gets installed.
    if has "$symbols" '__asan_init'; then
        echo "$program: a sanitizer build: nothing was looked at"
        exit 77
    fi
    has "$headers" 'Type: *DYN' || complain "not position-independent"
    if has "$dynamic" 'NEEDED'; then
        has "$headers" 'GNU_RELRO' || complain "no RELRO"
        has "$dynamic" 'BIND_NOW|FLAGS_1.*NOW' || complain "not bound at start"
        has "$symbols" '__stack_chk_fail' || complain "no stack protector"
    fi
    has "$headers" 'GNU_STACK.* RW ' || complain "an executable stack, or none declared"
    ! has "$headers" 'LOAD.* RWE ' || complain "a segment both writable and executable"
    ! has "$dynamic" 'RPATH|RUNPATH' || complain "a search path for libraries"
done
exit "$status"
