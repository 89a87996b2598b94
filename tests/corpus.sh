#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Really published packages, fetched with their registries' own clients and judged with no option at all.
#
#     sh tests/corpus.sh [--only TEXT] [TSV]
#
# TSV      rows as in testdata/cases.tsv (the default), or a list of package URLs, one a line
# --only   only the rows that contain TEXT
#
# Prints one line for each binary: purl, verdict, reason, tries, seconds; then the rate, and where verdict and
# expectation differ. Exit 1 if they differ anywhere. $REPROOF_STORE: the store to use, kept between rows and left
# behind; else one that goes away. $REPROOF_TEST_BUILD: the build to try, else build-plain. $REPROOF_CORPUS_RESULTS: a
# directory for the JSON of each package.
set -eu
cd "$(dirname "$0")/.."

only=''
if [ "${1:-}" = --only ]; then
    only=$2
    shift 2
fi
table=${1:-testdata/cases.tsv}
reproof=${REPROOF_TEST_BUILD:-$PWD/build-plain}/cli/reproof
[ -x "$reproof" ] || {
    echo "$reproof is missing: meson setup build-plain && ninja -C build-plain" >&2
    exit 2
}

scratch=$(mktemp -d)
# Read-only trees of the store must not stop the removal.
trap 'chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP
store=${REPROOF_STORE:-$scratch/store}
results=${REPROOF_CORPUS_RESULTS:-$scratch/results}
mkdir -p "$results" "$scratch/download"

# The platforms that wheels name, for pip: of GOOS/GOARCH $1.
wheel_platforms() {
    case $1 in
    linux/amd64) echo manylinux_2_28_x86_64 manylinux_2_17_x86_64 manylinux2014_x86_64 manylinux1_x86_64 linux_x86_64 musllinux_1_1_x86_64 ;;
    linux/arm64) echo manylinux_2_28_aarch64 manylinux_2_17_aarch64 manylinux2014_aarch64 ;;
    darwin/arm64) echo macosx_11_0_arm64 macosx_12_0_arm64 macosx_14_0_arm64 ;;
    darwin/amd64) echo macosx_10_9_x86_64 macosx_10_12_x86_64 macosx_11_0_x86_64 macosx_12_0_x86_64 ;;
    windows/amd64) echo win_amd64 ;;
    windows/386) echo win32 ;;
    *) ;;
    esac
}

# fetch PURL GOOS/GOARCH PATH: the package file, into $scratch/download.
fetch() {
    name=$(printf '%s' "$1" | sed 's|^pkg:[a-z]*/||; s|?.*||; s|%40|@|g; s|%2B|+|g')
    case $1 in
    pkg:npm/*) npm pack --silent "$name" >/dev/null ;;
    pkg:deb/*) apt-get download -q "$(printf '%s' "${name#*/}" | sed 's|@|=|')" ;;
    pkg:pypi/*)
        platforms=
        for platform in $(wheel_platforms "$2"); do
            platforms="$platforms --platform $platform"
        done
        abi=$(printf '%s' "$3" | sed -n 's|.*\.cpython-\([0-9]*\)-.*|--implementation cp --python-version \1|p')
        # Options are a list of words.
        # shellcheck disable=SC2086
        python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: $platforms $abi \
            "$(printf '%s' "$name" | sed 's|@|==|')"
        ;;
    *) echo "no client for $1" && return 1 ;;
    esac
}

# Each package once, however many of its files are cases.
grep '^pkg:' "$table" | grep -F -e "$only" | awk -F '\t' '!seen[$1 $5 $6]++' >"$scratch/packages"
number=0
while IFS= read -r line <&3; do
    number=$((number + 1))
    purl=$(printf '%s\n' "$line" | cut -f 1)
    platform=$(printf '%s\n' "$line" | awk -F '\t' '{ print ($5 == "" ? "linux/amd64" : $5 "/" $6) }')
    out=$results/$number.json
    started=$(date +%s)
    if (cd "$scratch/download" && fetch "$purl" "$platform" "$(printf '%s\n' "$line" | cut -f 2)") >"$scratch/err" 2>&1; then
        code=0
        find "$scratch/download" -type f -exec "$reproof" rebuild --json --store "$store" --state "$store.state" {} + \
            >"$out" 2>"$scratch/err" || code=$?
    else
        code=fetch
        : >"$out"
    fi
    python3 tests/lib/corpus_table.py row "$purl" "$platform" "$out" "$code" "$table" "$(($(date +%s) - started))" \
        "$scratch/err" "$scratch/rows"
    rm -rf "$scratch/download"
    mkdir "$scratch/download"
done 3<"$scratch/packages"
python3 tests/lib/corpus_table.py close "$scratch/rows"
