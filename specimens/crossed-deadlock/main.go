// Crossed-deadlock: a deadlock that goes through Go and C. An encoder in C holds the codec's lock and reports progress
// to Go, where nobody receives it: the goroutine that should is itself in C and wants the lock. So do the other
// encoders. A thread of the codec's own just waits for work.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2 -fomit-frame-pointer -fno-optimize-sibling-calls
// #cgo LDFLAGS: -pthread
// #include "codec.h"
import "C"

import (
	"sync/atomic"

	"blindspot.specimens/shape"
)

var (
	progress  = make(chan int)
	reporting int32
)

//export goProgress
func goProgress(percent C.int) { report(int(percent)) }

//go:noinline
func report(percent int) {
	if percent > 0 {
		atomic.AddInt32(&reporting, 1)
	}
	progress <- percent
}

type encoder struct{ number int }

//go:noinline
func (e *encoder) run() { C.codec_encode(C.int(e.number)) }

//go:noinline
func collect() {
	for range progress {
		C.codec_flush()
	}
}

func main() {
	C.codec_open()
	go (&encoder{0}).run()
	go collect()
	shape.Until("the crossed locks", func() bool { return atomic.LoadInt32(&reporting) == 1 && C.codec_arrived() == 2 })
	for number := 1; number <= 4; number++ {
		go (&encoder{number}).run()
	}
	shape.Until("the other encoders", func() bool { return C.codec_arrived() == 6 })
	shape.Settle()
	shape.Stay()
}
