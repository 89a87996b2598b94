// SPDX-License-Identifier: Apache-2.0

// Prints what Go's unicode package says of letters and simple case folding. "go run unicode_tables.go
// c" prints the body of verifier/fetch/unicode.c's tables; without argument it prints Unicode's version, then one line a code
// point that is a letter or folds, which the unit test compares with what the C functions say.
package main

import (
	"bufio"
	"fmt"
	"os"
	"unicode"
)

// The smallest character of R's folding orbit, upper-case ASCII as lower case: as in
// golang.org/x/mod/zip, strToFold.
func fold(r rune) rune {
	for {
		previous := r
		r = unicode.SimpleFold(previous)
		if r <= previous {
			break
		}
	}
	if 'A' <= r && r <= 'Z' {
		r += 'a' - 'A'
	}
	return r
}

type run struct{ first, last, stride, delta rune }

func foldRuns() (runs []run) {
	for r := rune(128); r <= unicode.MaxRune; r++ {
		delta := fold(r) - r
		if delta == 0 {
			continue
		}
		if k := len(runs) - 1; k >= 0 && runs[k].delta == delta {
			step := r - runs[k].last
			if runs[k].first == runs[k].last && step <= 2 || step == runs[k].stride {
				runs[k].stride, runs[k].last = step, r
				continue
			}
		}
		runs = append(runs, run{r, r, 1, delta})
	}
	return runs
}

func printTables(out *bufio.Writer) {
	fmt.Fprintf(out, "/* Unicode %s */\n", unicode.Version)
	fmt.Fprintln(out, "static const struct letters LETTERS[] = {")
	first := rune(-1)
	for r := rune(128); r <= unicode.MaxRune+1; r++ {
		letter := r <= unicode.MaxRune && unicode.IsLetter(r)
		if letter && first < 0 {
			first = r
		} else if !letter && first >= 0 {
			fmt.Fprintf(out, "{0x%x, 0x%x}, ", first, r-1)
			first = -1
		}
	}
	fmt.Fprintln(out, "};\nstatic const struct folding FOLDINGS[] = {")
	for _, f := range foldRuns() {
		fmt.Fprintf(out, "{0x%x, 0x%x, %d, %d}, ", f.first, f.last, f.stride, f.delta)
	}
	fmt.Fprintln(out, "};")
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	if len(os.Args) > 1 {
		printTables(out)
		return
	}
	fmt.Fprintln(out, unicode.Version)
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.IsLetter(r) || fold(r) != r {
			fmt.Fprintf(out, "%x %t %x\n", r, unicode.IsLetter(r), fold(r))
		}
	}
}
