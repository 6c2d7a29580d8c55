// Plugin-host is the Go program that a specimen runs in when it is built as a plugin: it opens the file beside itself and
// calls the specimen's main.
package main

import (
	"fmt"
	"os"
	"plugin"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "specimen:", err)
		os.Exit(3)
	}
}

//go:noinline
func run() error {
	path, err := os.Executable()
	if err != nil {
		return err
	}
	opened, err := plugin.Open(path + ".so")
	if err != nil {
		return err
	}
	start, err := opened.Lookup("SpecimenMain")
	if err != nil {
		return err
	}
	start.(func())()
	return nil
}
