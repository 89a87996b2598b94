#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compares, for every file below the folders named, the build information that we read with what the
# Go command found in PATH reads (`go version -m`, by its library debug/buildinfo), field by field.
#
#     tests/builds/diff_go_version.sh [FOLDER...]
#
# Without a folder: the Go distribution's own programs.
#
# DUMP is our program (tests/unit/image/dump_buildinfo of the build folder). wasm modules, of which Go
# reads none, and the 64 bit form of fat Mach-O files are counted as "beyond Go" where we read them.
# A text with a NUL in it, which we refuse and Go reads, is counted apart.
# The Go reference is the ELF and Mach-O rule of Go 1.27: GOTOOLCHAIN chooses another Go.
set -eu

: "${DUMP:?the path of dump_buildinfo}"
command -v go >/dev/null || { echo "skipped: no go command"; exit 77; }
if [ $# -eq 0 ]; then
    goroot=$(go env GOROOT)
    set -- "$goroot/bin" "$goroot/pkg"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/reference"
cat > "$work/reference/go.mod" <<'EOF'
module reference

go 1.18
EOF
cat > "$work/reference/main.go" <<'EOF'
package main

import (
	"bufio"
	"debug/buildinfo"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
)

func text(s string) string {
	var b strings.Builder
	b.WriteByte(' ')
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= 0x20 || c >= 0x7f || c == '%' {
			fmt.Fprintf(&b, "%%%02x", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func module(word string, m *debug.Module) string {
	s := word + text(m.Path) + text(m.Version) + text(m.Sum) + "\n"
	if m.Replace != nil {
		s += module("=>", m.Replace)
	}
	return s
}

// A file that makes the reader panic is one that it does not read.
func read(path string) (info *debug.BuildInfo, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return buildinfo.ReadFile(path)
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		fmt.Fprintf(out, "file %s\n", in.Text())
		info, err := read(in.Text())
		if err != nil {
			fmt.Fprintln(out, "refused")
			continue
		}
		fmt.Fprintf(out, "go%s\npath%s\n%s", text(info.GoVersion), text(info.Path), module("mod", &info.Main))
		for _, dep := range info.Deps {
			fmt.Fprint(out, module("dep", dep))
		}
		for _, s := range info.Settings {
			fmt.Fprintf(out, "build%s%s\n", text(s.Key), text(s.Value))
		}
	}
}
EOF
(cd "$work/reference" && GOFLAGS='' GOWORK=off go build -o "$work/go-reads" .)

find "$@" -type f | sort > "$work/files"
"$work/go-reads" < "$work/files" > "$work/go"
"$DUMP" < "$work/files" > "$work/ours"

# Each file's lines joined into one, so that files can be compared one by one.
for side in go ours; do
    awk '/^file / { if (NR > 1) print line; line = $0; next } { line = line "\t" $0 } END { print line }' \
        "$work/$side" > "$work/$side.lines"
done
paste -d '\n' "$work/go.lines" "$work/ours.lines" | awk '
    NR % 2 { reference = $0; next }
    { files++ }
    reference == $0 { if ($0 ~ /\trefused$/) refused++; else read++; next }
    reference ~ /\trefused$/ {
        path = reference; sub(/^file /, "", path); sub(/\trefused$/, "", path)
        first = ""; cmd = "head -c 4 \"" path "\" | od -An -tx1"; cmd | getline first; close(cmd)
        if (first == " 00 61 73 6d" || first == " ca fe ba bf") { beyond++; next }
    }
    reference ~ /%00/ && /\trefused$/ { stricter++; next }
    { different++; print "go:   " reference; print "ours: " $0 }
    END {
        printf "%d files: %d read alike, %d refused alike, %d beyond Go, %d refused for a NUL, %d different\n", files, read, refused, beyond, stricter, different
        exit different > 0
    }'
