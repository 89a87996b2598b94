#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each header compiles alone, says #pragma once, and opens with a comment on what it is for.
set -eu
. "$(dirname "$0")/lib.sh"

flags=$(pkg-config --cflags libelf libarchive libcurl libcjson libsodium libcrypto 2>/dev/null || :)
export flags
# As many at a time as there are cores.
# shellcheck disable=SC2016
sources base verifier signer attest cli | grep '\.h$' | xargs -n 8 -P "$(nproc)" sh -c '
    for header in "$@"; do
        # banned.h poisons words that the system headers use: it comes last, alone it has nothing to say.
        printf "#include \"%s\"\n" "$header" |
            ${CC:-cc} -std=c17 -D_GNU_SOURCE -fsyntax-only -Wall -Wextra -Werror $flags -I. -x c - 2>&1 |
            sed "s|^|$header: |"
        head -n 1 "$header" | grep -q "^/\*" || echo "$header:1: no comment on what it is for"
        grep -q "^#pragma once" "$header" || echo "$header: no #pragma once"
    done' headers | complain
