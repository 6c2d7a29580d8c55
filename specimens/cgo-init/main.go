// Cgo-init: C that runs before main. init calls C, which calls back into Go and blocks there in C again, in a
// goroutine of its own; a constructor made two threads before the Go runtime existed, one of which calls Go.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2 -fomit-frame-pointer -fno-optimize-sibling-calls
// #cgo LDFLAGS: -pthread
// #include "early.h"
import "C"

import (
	"sync/atomic"

	"blindspot.specimens/shape"
)

var (
	never  = make(chan int)
	parked int32
)

func init() {
	if C.early_plain(1) != 2 {
		panic("C gave a wrong answer")
	}
	go calledByInit()
}

//go:noinline
func calledByInit() { C.early_call() }

//export goEarly
func goEarly() C.int { return earlyInGo() }

//go:noinline
func earlyInGo() C.int { return C.early_block() }

//export goFromConstructor
func goFromConstructor() C.int { return parkConstructor() }

//go:noinline
func parkConstructor() C.int {
	atomic.AddInt32(&parked, 1)
	return C.int(<-never)
}

func main() {
	shape.Until("arrival in C", func() bool { return C.early_arrived() == 2 })
	shape.Until("parked thread", func() bool { return atomic.LoadInt32(&parked) == 1 })
	shape.Settle()
	shape.Stay()
}
