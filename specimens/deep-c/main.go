// Deep-c: a goroutine calls through 40 levels of C that keep no frame pointer and whose frames differ in size
// (fixed, alloca, variable-length array), and blocks at the bottom in a read.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2 -fomit-frame-pointer -fno-optimize-sibling-calls
// #include "deep.h"
import "C"

import "blindspot.specimens/shape"

//go:noinline
func enterC(levels int) int {
	return int(C.deep_enter(C.int(levels)))
}

//go:noinline
func work() {
	enterC(40)
}

func main() {
	go work()
	shape.Until("arrival in C", func() bool { return C.deep_arrived() == 1 })
	shape.Settle()
	shape.Stay()
}
