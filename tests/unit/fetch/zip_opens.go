// SPDX-License-Identifier: Apache-2.0

// Prints the name of each file named that Go's archive/zip opens.
package main

import (
	"archive/zip"
	"fmt"
	"os"
)

func main() {
	for _, name := range os.Args[1:] {
		if archive, err := zip.OpenReader(name); err == nil {
			archive.Close()
			fmt.Println(name)
		}
	}
}
