#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Candidates for link flags, hashed by one core, against OpenSSL hashing nothing but the texts behind the flags.
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh

rate=$build/tests/bench/search_rate
heading "link flags by part 1 of the build ID" "OpenSSL"
pair "100,000 candidates, 9,740 bytes behind them" 1.20 3 "$rate" ours 100000 against "$rate" openssl 100000
note "$("$rate" ours 100000)"
