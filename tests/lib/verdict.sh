# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# Verdicts as test cases: `reproof rebuild` ends with this exit code, and its JSON says this. To be sourced after tap.sh, with the
# program's path in $reproof.
#
# $store, $state    where the program keeps things; folders that go away with the script unless set before
# $toolchain        the toolchain to rebuild with; none: the program gets the one that the file names
# $accepted         the assumptions that are accepted, with commas between them; none: no more than the program accepts by itself
# $offline          yes: nothing from the network

: "${scratch:?}" "${reproof:?}"
store=${store:-$scratch/store}
state=${state:-$scratch/state}
toolchain=${toolchain:-} accepted=${accepted:-} offline=${offline:-}

# rebuild ARGUMENT...: its output in $scratch/out and $scratch/err, its exit code in $code.
rebuild() {
    code=0
    # Descriptor 9 may be what keeps a server alive.
    "$reproof" rebuild --json --store "$store" --state "$state" ${toolchain:+--toolchain "$toolchain"} \
        ${accepted:+--accept "$accepted"} ${offline:+--offline} "$@" >"$scratch/out" 2>"$scratch/err" </dev/null 9>&- || code=$?
}

# Shows why the verdict is what it is.
note_reasons() {
    grep -E '"(verdict|code|detail|cure|name|change)":' "$scratch/out" | head -n 30 | sed 's/^/#   /' || :
    tail -n 10 "$scratch/err" | sed 's/^/#   /'
}

# judge NAME EXPECTED_EXIT EXPECTED_TEXT ARGUMENT...
judge() {
    title=$1 wanted=$2 text=$3
    shift 3
    started=$(date +%s)
    rebuild "$@"
    spent=$(($(date +%s) - started))
    if [ "$code" = "$wanted" ] && grep -qF -e "$text" "$scratch/out"; then
        ok "$title: exit $wanted, $text ($spent s)"
    else
        not_ok "$title: exit $code instead of $wanted, or no $text ($spent s)"
        note_reasons
    fi
}

# ends NAME EXPECTED_EXIT EXPECTED_TEXT ARGUMENT...: of any command of the program; the text may be in what it says to people.
ends() {
    title=$1 wanted=$2 text=$3
    shift 3
    code=0
    "$reproof" "$@" >"$scratch/out" 2>&1 || code=$?
    if [ "$code" = "$wanted" ] && grep -qF -e "$text" "$scratch/out"; then
        ok "$title: exit $wanted, $text"
    else
        not_ok "$title: exit $code instead of $wanted, or no $text"
        note_file "$scratch/out"
    fi
}

# says NAME TEXT: of the output before.
says() {
    if grep -qF -e "$2" "$scratch/out"; then
        ok "$1"
    else
        not_ok "$1: not said: $2"
        note_reasons
    fi
}

# says_not NAME TEXT
says_not() {
    if grep -qF -e "$2" "$scratch/out"; then
        not_ok "$1: said: $(grep -F -e "$2" "$scratch/out" | head -n 1)"
    else
        ok "$1"
    fi
}

# recipe_of_result: prints the recipe that the JSON before has for its first subject.
recipe_of_result() {
    python3 -c 'import json, sys; json.dump(json.load(sys.stdin)["subjects"][0]["recipe"], sys.stdout)' <"$scratch/out"
}
