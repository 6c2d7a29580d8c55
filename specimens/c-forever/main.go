// C-forever: five goroutines wait in the same C function for a mutex whose holder, a thread made by C, sleeps; others
// are in nanosleep and poll.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2 -fomit-frame-pointer -fno-optimize-sibling-calls
// #cgo LDFLAGS: -pthread
// #include "forever.h"
import "C"

import "blindspot.specimens/shape"

//go:noinline
func wantLock() { C.forever_lock() }

//go:noinline
func sleepInC() { C.forever_sleep() }

//go:noinline
func pollInC() { C.forever_poll() }

func main() {
	C.forever_hold()
	for i := 0; i < 5; i++ {
		go wantLock()
	}
	for i := 0; i < 2; i++ {
		go sleepInC()
	}
	go pollInC()
	shape.Until("arrival in C", func() bool { return C.forever_arrived() == 9 })
	shape.Settle()
	shape.Stay()
}
