#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# verify against cosign verify-blob-attestation: a file of 10 MB, with the statements of three rebuilders against one of theirs.
# cosign is built from its module on the first run with REPROOF_INTEROP=all (minutes), and kept.
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
. tests/interop/lib.sh

REPROOF_INTEROP_CACHE=${REPROOF_INTEROP_CACHE:-${XDG_CACHE_HOME:-${HOME:-$scratch}/.cache}/reproof-interop}
write_result=$build/tests/unit/attest/write_result
[ -x "$write_result" ] || {
    heading "verify" "cosign"
    cannot "verify" "the build has no tests"
    exit 0
}

# The result of a rebuild that never was, of a file of this size.
head -c 10000000 /dev/urandom >"$scratch/tool"
digest=$(sha256sum <"$scratch/tool" | cut -c 1-64)
"$write_result" reproduced | sed "s/$(printf 'artifact\n' | sha256sum | cut -c 1-64)/$digest/" >"$scratch/result.json"
set --
for name in a b c; do
    "$reproof" key new -o "$scratch/$name" --no-passphrase >/dev/null 2>&1
    "$reproof" attest "$scratch/result.json" "$scratch/tool" --key "$scratch/$name" --out "$scratch/ev-$name" 2>/dev/null
    set -- "$@" --evidence "$scratch/ev-$name" --trust "$scratch/$name.pub"
done
verify() {
    what=$1 aim=$2
    shift 2
    alone "$what" "$aim" 20 "$reproof" verify "$scratch/tool" --state "$scratch/state" "$@"
}

heading "verify" "cosign"
verify "three attestations, 10 MB" 8 "$@" --threshold 3
# What of it is only the hash of the file.
alone "sha256sum of the same file" - 20 sha256sum "$scratch/tool"
if built cosign github.com/sigstore/cosign/v3@v3.1.3 cmd/cosign; then
    type=$(sed -n 's/^ *--type \(.*\) --insecure.*/\1/p' "$scratch/ev-a/README.md" | head -n 1)
    "$reproof" key convert "$scratch/a" --public --format pem -o "$scratch/a.pem"
    pair "three attestations, against one of theirs" 0.05 20 "$reproof" verify "$scratch/tool" --state "$scratch/state" "$@" \
        --threshold 3 against "$built_path" verify-blob-attestation --key "$scratch/a.pem" \
        --bundle "$scratch/ev-a/tool.verdict.sigstore.json" --type "$type" --insecure-ignore-tlog=true "$scratch/tool"
else
    cannot "against cosign" "$missing"
fi
