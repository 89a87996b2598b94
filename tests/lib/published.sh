# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# Really published binaries as test cases: fetched by the registry's own client, judged by the program in
# $REPROOF_TEST_BUILD. To be sourced after tap.sh. testdata/cases.tsv says what each is and what must come out.
#
# $REPROOF_TEST_NETWORK: "always" makes a failed download a failure, else it is a skip.
# $REPROOF_TEST_STORE: the store to use, so that suites share toolchains; else one that goes away with the script.

reproof=${REPROOF_TEST_BUILD:-$PWD/build-plain}/cli/reproof
store=${REPROOF_TEST_STORE:-$scratch/store}
network=${REPROOF_TEST_NETWORK:-auto}

# Read-only trees of the store must not stop the removal.
trap 'chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT

# absent NAME REASON: the case cannot be tried here.
absent() {
    if [ "$network" = always ]; then
        not_ok "$1: $2"
    else
        skip "$1" "$2"
    fi
}

# field LINE NUMBER: a field of a line of cases.tsv.
field() {
    printf '%s\n' "$1" | cut -f "$2"
}

# judge NAME EXPECTED_EXIT EXPECTED_TEXT ARGUMENT...: runs `reproof rebuild`; its JSON must contain the text.
judge() {
    name=$1 wanted=$2 text=$3
    shift 3
    code=0
    started=$(date +%s)
    "$reproof" rebuild --json --store "$store" --state "$store.state" "$@" >"$scratch/out" 2>"$scratch/err" || code=$?
    spent=$(($(date +%s) - started))
    if [ "$code" = "$wanted" ] && grep -qF -e "$text" "$scratch/out"; then
        ok "$name: exit $wanted, $text ($spent s)"
    else
        not_ok "$name: exit $code instead of $wanted, or no $text ($spent s)"
        grep -E '"(verdict|code|detail|cure|name)":' "$scratch/out" | head -n 30 | sed 's/^/#   /'
        tail -n 10 "$scratch/err" | sed 's/^/#   /'
    fi
}

# flip FILE OFFSET: changes one bit of the byte there.
flip() {
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    # Octal, because that is what POSIX printf has for bytes.
    # shellcheck disable=SC2059
    printf "\\$(printf '%03o' $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# check_case LINE PACKAGE: the package at PACKAGE, of which LINE of cases.tsv tells, as a package and as a bare file.
check_case() {
    line=$1 archive=$2
    case_name="$(field "$line" 1 | sed 's|^pkg:||; s|%40|@|') $(field "$line" 5)/$(field "$line" 6)"
    source=$(field "$line" 8)@$(field "$line" 9)
    judge "$case_name, package" 0 '"verdict": "reproduced"' --expect "$source" "$archive"

    # Unpacked in a folder of its own, where nothing around the file can tell its version.
    rm -rf "$scratch/bare"
    mkdir -p "$scratch/bare/all"
    case $archive in
    *.whl) python3 -m zipfile -e "$archive" "$scratch/bare/all" ;;
    *) tar -xzf "$archive" -C "$scratch/bare/all" --strip-components=1 ;;
    esac
    binary=$scratch/bare/$(basename "$(field "$line" 2)")
    cp "$scratch/bare/all/$(field "$line" 2)" "$binary"
    if [ "$(sha256sum <"$binary" | cut -c 1-64)" != "$(field "$line" 3)" ]; then
        not_ok "$case_name is the file that cases.tsv names"
        return
    fi
    judge "$case_name, bare file" 0 '"verdict": "reproduced"' --source "$source" "$binary"
    judge "$case_name, another source expected" 3 '"unexpected-source"' \
        --source "$source" --expect example.com/other "$binary"
}

# check_replay: the recipe printed for the binary that check_case left behind gives it again, and so does the one
# in the result, which begins with the link flags that were found.
check_replay() {
    if ! "$reproof" recipe --store "$store" --state "$store.state" --source "$source" "$binary" \
        >"$scratch/recipe.json" 2>"$scratch/err"; then
        not_ok "$case_name, recipe: $(tail -n 1 "$scratch/err")"
        return
    fi
    judge "$case_name, recipe replayed" 0 '"verdict": "reproduced"' --recipe "$scratch/recipe.json" "$binary"
    python3 -c 'import json, sys; json.dump(json.load(sys.stdin)["subjects"][0]["recipe"], sys.stdout)' \
        <"$scratch/out" >"$scratch/recipe.json"
    judge "$case_name, recipe of the result replayed" 0 'the first of ' --recipe "$scratch/recipe.json" "$binary"
}

# check_flip LINE OFFSET: the binary that check_case left behind, with one bit at OFFSET flipped, is refuted.
check_flip() {
    flip "$binary" "$2"
    judge "$case_name, a bit flipped at $2" 1 '"verdict": "different"' --source "$source" "$binary"
    if grep -qF '"cause": [' "$scratch/out" && ! grep -qF '"cause": []' "$scratch/out"; then
        ok "$case_name, a bit flipped at $2: the verdict says why"
    else
        not_ok "$case_name, a bit flipped at $2: the verdict says why"
    fi
}

if ! bwrap --unshare-all --ro-bind / / true 2>/dev/null; then
    absent "$0" "bubblewrap cannot make a box on this machine"
    tap_end
    exit
fi

# check_local MODULE_ROOT_FILE: the same binary from directories, with a toolchain and a source that happen to lie in the
# store; MODULE_ROOT_FILE is a file that only the source has.
check_local() {
    toolchain=$(find "$store/trees" -path '*/tree/VERSION' -exec grep -lx "$(field "$line" 4)" {} + | head -n 1)
    directory=$(find "$store/trees" -path "*/tree/$1" | head -n 1)
    judge "$case_name, from directories" 3 '"local-toolchain"' \
        --source "${directory%/"$1"}" --toolchain "${toolchain%/VERSION}" "$binary"
    judge "$case_name, from directories, accepted" 0 '"local-source"' --accept local-source,local-toolchain \
        --source "${directory%/"$1"}" --toolchain "${toolchain%/VERSION}" "$binary"
}
