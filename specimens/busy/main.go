// Busy: threads that run all the time, in Go, in C called from Go, and in a thread made by C.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2 -fomit-frame-pointer -fno-optimize-sibling-calls
// #cgo LDFLAGS: -pthread
// #include "busy.h"
import "C"

import (
	"sync/atomic"

	"blindspot.specimens/shape"
)

var counter int64

//go:noinline
func spinLeaf(n int64) int64 { return n*n + 1 }

//go:noinline
func spinMiddle() {
	for n := int64(0); ; n++ {
		if spinLeaf(n) == 0 {
			return
		}
		atomic.AddInt64(&counter, 1)
	}
}

//go:noinline
func spinInGo() { spinMiddle() }

//go:noinline
func spinInC() { C.busy_enter() }

func main() {
	shape.Prepare()
	C.busy_start_thread()
	go spinInGo()
	go spinInC()
	shape.Until("arrival in C", func() bool { return C.busy_arrived() == 2 })
	shape.Until("arrival in Go", func() bool { return atomic.LoadInt64(&counter) > 1000 })
	shape.Stay()
}
