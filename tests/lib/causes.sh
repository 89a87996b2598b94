# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# Causes of differences as test cases: a small program built again and again with one thing varied, or changed after the build, of
# which `reproof diff` must name that cause and no other. To be sourced after tap.sh, maker.sh and verdict.sh.

: "${scratch:?}" "${reproof:?}" "${goroot:?}"
need python3
[ "$(go env GOOS)/$(go env GOARCH)" = linux/amd64 ] || skip_all "written for linux/amd64"
export GOWORK=off

# module FOLDER: the program, with a dependency of two versions beside it.
module() {
    mkdir -p "$1"
    cat >"$1/go.mod" <<'END'
module example.com/causes

go 1.18

require example.com/dep v1.0.0

replace example.com/dep v1.0.0 => ../dep1

replace example.com/dep v1.1.0 => ../dep2
END
    cat >"$1/main.go" <<'END'
package main

import "example.com/dep"

var version = "unset"
var date = "unset"

//go:noinline
func check(password string) bool {
	return len(password) > 3 && password[0] == 's'
}

func main() {
	println("version", version, date, stamp, tagged(), dep.Answer(len(version)), check(version))
}
END
    printf 'package main\n\nconst stamp = "built 2024-05-01T10:20:30Z by hand"\n' >"$1/stamp.go"
    printf '//go:build !special\n\npackage main\n\nfunc tagged() string { return "plain" }\n' >"$1/plain.go"
    printf '//go:build special\n\npackage main\n\nfunc tagged() string { return "special, and longer" }\n' >"$1/special.go"
}
module "$scratch/src/main"
for number in 1 2; do
    mkdir "$scratch/src/dep$number"
    printf 'module example.com/dep\n\ngo 1.18\n' >"$scratch/src/dep$number/go.mod"
    printf 'package dep\n\n//go:noinline\nfunc Answer(n int) int {\n\treturn n*%d + 40\n}\n' "$number" >"$scratch/src/dep$number/dep.go"
done

# build NAME FLAG...: the program as it is, into $scratch/NAME.
build() {
    built=$scratch/$1
    shift
    publish "$built" "$scratch/src/main" "$@"
}

# trimmed NAME FLAG...: as builds that leave no trace of their machine are made.
trimmed() {
    trimmed_name=$1
    shift
    build "$trimmed_name" -trimpath -buildvcs=false "$@"
}

# The codes of the causes in the JSON on stdin; with removed rules behind a slash.
codes() {
    python3 -c 'import json, sys
d = json.load(sys.stdin)
print(" ".join(",".join(c["code"] for c in s.get("cause", [])) + "".join("/" + r["name"] for r in s.get("removed", []))
               for s in d.get("slices", [d])))'
}

# Pairs that took a second or more, which a busy machine does; SLOW: the next one may.
late='' slow=''

# cause NAME EXPECTED EXIT A B [OPTION...]: EXPECTED as codes prints it.
cause() {
    title=$1 expected=$2 wanted=$3 a=$4 b=$5
    shift 5
    code=0
    started=$(date +%s%N)
    "$reproof" diff --json "$@" "$scratch/$a" "$scratch/$b" >"$scratch/out" 2>"$scratch/err" || code=$?
    spent=$((($(date +%s%N) - started) / 1000000))
    got=$(codes <"$scratch/out" 2>/dev/null || echo "no JSON")
    [ "$spent" -lt 1000 ] || [ -n "$slow" ] || late="$late $title: $spent ms;"
    if [ "$got" = "$expected" ] && [ "$code" = "$wanted" ]; then
        ok "$title: ${expected:-nothing}, exit $wanted ($spent ms)"
    else
        not_ok "$title: $got, exit $code, instead of $expected, exit $wanted ($spent ms)"
        "$reproof" diff "$scratch/$a" "$scratch/$b" 2>&1 | sed 's/^/#   /'
    fi
}

# hides_nothing A B: the two are equivalent; a byte of A changed anywhere but in the ranges that the report names makes them
# different. Tried at 24 places all over the file.
hides_nothing() {
    if python3 - "$reproof" "$scratch/$1" "$scratch/$2" "$scratch/tampered" >"$scratch/list" <<'END'
import json, subprocess, sys
program, a, b, place = sys.argv[1:]
def diff(first):
    run = subprocess.run([program, "diff", "--json", first, b], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return run.returncode, run.stdout
code, text = diff(a)
ranges = sorted(tuple(r) for rule in json.loads(text)["removed"] for r in rule["ranges"])
data = open(a, "rb").read()
print("exit", code, "ranges", ranges)
bad = code != 3
for number in range(24):
    at = len(data) * number // 24
    for start, length in ranges:
        at = start + length if start <= at < start + length else at
    if at < len(data):
        open(place, "wb").write(data[:at] + bytes([data[at] ^ 0x11]) + data[at + 1:])
        code, _ = diff(place)
        print(at, code)
        bad |= code not in (1, 2)
sys.exit(bad)
END
    then
        ok "what makes $1 and $2 equivalent hides nothing else"
    else
        not_ok "what makes $1 and $2 equivalent hides nothing else"
        note_file "$scratch/list"
    fi
}

# edit NAME SED_SCRIPT FILE: a copy of the program with another FILE, built as NAME.
edit() {
    cp -r "$scratch/src/main" "$scratch/src/$1"
    sed -i "$2" "$scratch/src/$1/$3"
    publish "$scratch/$1" "$scratch/src/$1" -trimpath -buildvcs=false
}

# holds_of_json NAME PATTERN: Python on standard input, with the last JSON as d, prints a line that is all of PATTERN.
holds_of_json() {
    { echo 'import json, sys; d = json.load(open(sys.argv[1]))' && cat; } >"$scratch/look.py"
    if python3 "$scratch/look.py" "$scratch/out" >"$scratch/list" 2>&1 && grep -qx -e "$2" "$scratch/list"; then
        ok "$1"
    else
        not_ok "$1"
        note_file "$scratch/list"
    fi
}

# The plan, and what a busy machine should not be blamed for.
causes_end() {
    [ -z "$late" ] || echo "# took a second or more:$late load $(cut -d' ' -f1-3 /proc/loadavg)"
    tap_end
}
