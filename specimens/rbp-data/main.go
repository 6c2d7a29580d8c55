// Rbp-data: C that uses rbp as an ordinary register and is blocked while it holds data there. In one goroutine the data
// is a number; in another it points at what looks like a chain of frames and leads nowhere.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2 -fomit-frame-pointer -fno-optimize-sibling-calls
// #include "rbp.h"
import "C"

import "blindspot.specimens/shape"

//go:noinline
func numberInRbp() { C.rbp_number(0x123456789) }

//go:noinline
func lureInRbp() { C.rbp_lure() }

//go:noinline
func pressure() { C.rbp_pressure(7) }

func main() {
	go numberInRbp()
	go lureInRbp()
	go pressure()
	shape.Until("arrival in C", func() bool { return C.rbp_arrived() == 3 })
	shape.Settle()
	shape.Stay()
}
