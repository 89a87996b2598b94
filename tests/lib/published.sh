# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# Really published binaries as test cases: testdata/cases.tsv says what each is and what must come out. To be sourced after
# online.sh and verdict.sh.

: "${scratch:?}" "${reproof:?}" "${store:?}" "${state:?}"

# field LINE NUMBER: a field of a line of cases.tsv.
field() {
    printf '%s\n' "$1" | cut -f "$2"
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
    if ! "$reproof" recipe --store "$store" --state "$state" --source "$source" "$binary" \
        >"$scratch/recipe.json" 2>"$scratch/err"; then
        not_ok "$case_name, recipe: $(tail -n 1 "$scratch/err")"
        return
    fi
    judge "$case_name, recipe replayed" 0 '"verdict": "reproduced"' --recipe "$scratch/recipe.json" "$binary"
    recipe_of_result >"$scratch/recipe.json"
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

# check_local MODULE_ROOT_FILE: the same binary from directories, with a toolchain and a source that happen to lie in the
# store; MODULE_ROOT_FILE is a file that only the source has.
check_local() {
    root_file=$(find "$store/trees" -path '*/tree/VERSION' -exec grep -lx "$(field "$line" 4)" {} + | head -n 1)
    directory=$(find "$store/trees" -path "*/tree/$1" | head -n 1)
    judge "$case_name, from directories" 3 '"local-toolchain"' \
        --source "${directory%/"$1"}" --toolchain "${root_file%/VERSION}" "$binary"
    judge "$case_name, from directories, accepted" 0 '"local-source"' --accept local-source,local-toolchain \
        --source "${directory%/"$1"}" --toolchain "${root_file%/VERSION}" "$binary"
}
