# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# What scripts of tests/online share: the program of $REPROOF_TEST_BUILD, its store, and what becomes of a case whose download
# fails. To be sourced after tap.sh.
#
# $REPROOF_TEST_NETWORK: "always" makes a failed download a failure, else it is a skip.
# $REPROOF_TEST_STORE: the store to use, so that suites share toolchains; else one that goes away with the script.

: "${scratch:?}"
# Whoever sources this reads these.
# shellcheck disable=SC2034
{
    reproof=$(realpath -m "${REPROOF_TEST_BUILD:-build-plain}")/cli/reproof
    store=${REPROOF_TEST_STORE:-$scratch/store}
    state=$store.state
}
network=${REPROOF_TEST_NETWORK:-auto}

# absent NAME REASON: the case cannot be tried here.
absent() {
    if [ "$network" = always ]; then
        not_ok "$1: $2"
    else
        skip "$1" "$2"
    fi
}

# absent_all REASON: nothing of the script can.
absent_all() {
    absent "$(basename "$0" .sh)" "$1"
    tap_end
    exit
}
