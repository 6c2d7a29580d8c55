// Vdso: a goroutine and a thread made by C that ask for the time in a loop, so that they are often in the vDSO.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2 -fomit-frame-pointer -fno-optimize-sibling-calls
// #cgo LDFLAGS: -pthread
// #include "clock.h"
import "C"

import (
	"sync/atomic"
	"time"

	"blindspot.specimens/shape"
)

var asked int64

//go:noinline
func askInGo() {
	for time.Now().Year() > 1 {
		atomic.AddInt64(&asked, 1)
	}
}

//go:noinline
func askInC() { C.clock_ask() }

func main() {
	shape.Prepare()
	C.clock_start_thread()
	go askInGo()
	go askInC()
	shape.Until("arrival in C", func() bool { return C.clock_arrived() == 2 })
	shape.Until("arrival in Go", func() bool { return atomic.LoadInt64(&asked) > 1000 })
	shape.Stay()
}
