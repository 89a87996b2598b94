#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SBOMs of published binaries, judged by others: the SPDX project's schemas (where REPROOF_CORPORA or ../shared/data has
# them), its validator and its conformance checker (by pip, into a scratch), sbomqs (with REPROOF_INTEROP=all), and what
# `go version -m` says of the same binary.
set -eu
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/online.sh
REPROOF_INTEROP_CACHE=${REPROOF_INTEROP_CACHE:-${XDG_CACHE_HOME:-${HOME:-$scratch}/.cache}/reproof-interop}
. tests/interop/lib.sh

corpora=${REPROOF_CORPORA:-../shared/data}
tools=$scratch/venv/bin

# judge NAME COMMAND...: the case holds if the command succeeds; a line that it prints goes behind the name.
judge() {
    judged=$1
    shift
    if "$@" >"$scratch/out" 2>"$scratch/err"; then
        ok "$judged$(head -n 1 "$scratch/out" | sed 's/^/: /')"
    else
        not_ok "$judged"
        head -n 20 "$scratch/out" "$scratch/err" | sed 's/^/#   /'
    fi
}

sbom() {
    "$reproof" sbom --store "$store" --state "$state" "$@"
}

sets() {
    python3 tests/lib/sbom_document.py "$@"
}

peers=
if python3 -m venv "$scratch/venv" >"$scratch/err" 2>&1 &&
    "$tools/python" -m pip install --quiet --disable-pip-version-check spdx-tools ntia-conformance-checker jsonschema \
        >>"$scratch/err" 2>&1; then
    peers=yes
else
    absent "validators" "pip cannot get them: $(tail -n 1 "$scratch/err")"
fi
sbomqs=
if built sbomqs github.com/interlynk-io/sbomqs@v1.3.0; then
    sbomqs=$built_path
else
    skip "sbomqs" "$missing"
fi

# schema NAME FILE SET: the document is valid by the SPDX project's own schema.
schema() {
    if [ -z "$peers" ] || [ ! -f "$corpora/$3" ]; then
        skip "$1: valid by its schema" "the schema or jsonschema is not there"
        return
    fi
    judge "$1: valid by its schema" "$tools/python" tests/lib/sbom_document.py schema "$corpora/$3" "$2"
}

# conforms NAME FILE SPECIFICATION RULES
conforms() {
    [ -n "$peers" ] || return 0
    # It ends with 0 either way.
    "$tools/sbomcheck" --sbom-spec "$3" --comply "$4" "$2" >"$scratch/report" 2>&1 || :
    judge "$1: ntia-conformance-checker, $4" grep '^Conformant: True' "$scratch/report"
    grep -q '^Conformant: True' "$scratch/report" || grep -E 'False|rror' "$scratch/report" | sed 's/^/#   /'
}

# scored FILE: sbomqs gives more than it gave the best of its kind.
scored() {
    score=$("$sbomqs" score -b "$1" | cut -f 1)
    echo "$score"
    awk "BEGIN { exit !($score >= 8.6) }"
}

# document NAME FORMAT: of $binary into $file, complete by our own rules; false if modules are missing that complete it.
document() {
    case $2 in
    spdx-2.3) rules=ntia ;;
    *) rules=ntia,fsct3,bsi ;;
    esac
    file=$scratch/$2.json
    if sbom --fetch --format "$2" --require "$rules" "$binary" >"$file" 2>"$scratch/err"; then
        ok "$1, $2: complete by our own rules ($rules)"
    elif grep -q 'unavailable: ' "$scratch/err"; then
        skip "$1, $2: complete" "$(grep -m 1 'unavailable: ' "$scratch/err" | cut -c 1-200)"
        sbom --fetch --format "$2" "$binary" >"$file"
        return 1
    else
        not_ok "$1, $2: complete by our own rules ($rules): $(tail -n 2 "$scratch/err" | tr '\n' ' ')"
        return 1
    fi
}

# both NAME: the documents of $binary in both formats.
both() {
    for format in spdx-2.3 spdx-3.0; do
        title="$1, $format"
        complete=yes
        document "$1" "$format" || complete=
        [ -s "$file" ] || continue
        sbom --offline --format "$format" "$binary" >"$scratch/again" 2>/dev/null || :
        judge "$title: the same bytes again, offline" cmp "$file" "$scratch/again"
        judge "$title: says what is in the binary" sbom --offline --check "$file" "$binary"
        if go version -m "$binary" >"$scratch/versions" 2>/dev/null; then
            judge "$title: versions and h1 as go tells them" sets modules "$file" "$scratch/versions"
        else
            skip "$title: versions and h1 as go tells them" "go is not installed"
        fi
        judge "$title: licences concluded for 95 % of the modules" sets licences "$file" 95
        if [ "$format" = spdx-2.3 ]; then
            schema "$title" "$file" spdx-2.3-schema/spdx-schema.json
            [ -z "$peers" ] || judge "$title: pyspdxtools" "$tools/pyspdxtools" -i "$file"
            [ -z "$complete" ] || conforms "$title" "$file" spdx2 ntia
            [ -z "$sbomqs" ] || judge "$title: sbomqs" scored "$file"
        else
            schema "$title" "$file" spdx-3.0.1-schema/schema.json
            [ -n "$complete" ] || continue
            for rules in ntia fsct3-min bsi; do
                conforms "$title" "$file" spdx3 "$rules"
            done
        fi
    done
}

# The document of the release holds the digests of three others, and of no fourth.
names_each() {
    for file in "$scratch"/release/package-*; do
        grep -qF "$(sha1sum <"$file" | cut -c 1-40)" "$scratch/release/release.spdx.json" || return 1
    done
    [ "$(grep -c '"checksumValue"' "$scratch/release/release.spdx.json")" = 3 ]
}

if ! command -v npm >/dev/null; then
    absent "published binaries" "npm is not installed"
    tap_end
    exit
fi
for case in '@esbuild/linux-x64@0.25.0 esbuild' 'lefthook-linux-x64@2.1.9 lefthook' 'lefthook-linux-x64@1.6.10 lefthook' \
    '@bufbuild/buf-linux-x64@1.75.0 buf'; do
    package=${case% *}
    rm -rf "$scratch/download"
    mkdir "$scratch/download"
    if ! (cd "$scratch/download" && npm pack --silent "$package" >/dev/null 2>"$scratch/err"); then
        absent "$package" "npm pack fails: $(tail -n 1 "$scratch/err")"
        continue
    fi
    tar -xzf "$scratch"/download/*.tgz -C "$scratch/download"
    binary=$scratch/download/package/bin/${case#* }
    both "$package"
done

# What is left of the loop: buf's package, which holds three programs.
if [ -f "$binary" ]; then
    mkdir "$scratch/release"
    judge "a package of three: a document of each, and of the release" sbom --offline -o "$scratch/release" "$scratch"/download/*.tgz
    for file in "$scratch"/release/*; do
        [ -z "$peers" ] || judge "${file##*/}: pyspdxtools" "$tools/pyspdxtools" -i "$file"
    done
    judge "the release names each by its digest" names_each
fi
tap_end
