// Callbacks: one goroutine goes from Go to C and back three times and blocks in C at the fourth; another goes through
// C twice and is parked in Go on a channel, so that its C frames lie under a parked goroutine.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2 -fomit-frame-pointer -fno-optimize-sibling-calls
// #include "callbacks.h"
import "C"

import (
	"sync/atomic"

	"blindspot.specimens/shape"
)

var (
	never  = make(chan int)
	parked int32
)

//export goNest
func goNest(left C.int) C.int {
	return nestAgain(left)
}

//go:noinline
func nestAgain(left C.int) C.int {
	if left == 0 {
		return C.nest_block()
	}
	return C.nest_call(left - 1)
}

//go:noinline
func nest() {
	C.nest_call(2)
}

//export goHoldOuter
func goHoldOuter() C.int {
	return C.hold_inner()
}

//export goHoldInner
func goHoldInner() C.int {
	return waitForever()
}

//go:noinline
func waitForever() C.int {
	atomic.AddInt32(&parked, 1)
	return C.int(<-never)
}

//go:noinline
func hold() {
	C.hold_outer()
}

func main() {
	go nest()
	go hold()
	shape.Until("arrival in C", func() bool { return C.callbacks_arrived() == 1 })
	shape.Until("parked callback", func() bool { return atomic.LoadInt32(&parked) == 1 })
	shape.Settle()
	shape.Stay()
}
