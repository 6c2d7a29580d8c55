// Signal-handler-c: a signal handler written in C that blocks, having interrupted C called from Go, threads made by C
// (on their own stack and on an alternate one), and Go code itself.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2 -fomit-frame-pointer -fno-optimize-sibling-calls
// #cgo LDFLAGS: -pthread
// #include "handler.h"
import "C"

import (
	"reflect"
	"runtime"
	"sync/atomic"
	"time"

	"blindspot.specimens/shape"
)

var (
	counter  int64
	spinning int32
)

//go:noinline
func interruptedInC() { C.handler_pause_here() }

//go:noinline
func spin() {
	for {
		atomic.AddInt64(&counter, 1)
	}
}

//go:noinline
func interruptedInGo() {
	runtime.LockOSThread()
	atomic.StoreInt32(&spinning, int32(C.handler_tid()))
	spin()
}

func main() {
	// The goroutine that spins keeps its processor for ever, since the handler never returns: leave one for others,
	// and collect before, for no collection could end after that.
	runtime.GOMAXPROCS(4)
	shape.Prepare()
	C.handler_install()
	C.handler_start_threads()
	go interruptedInC()
	shape.Until("threads in C", func() bool { return C.handler_arrived() == 3 })
	go interruptedInGo()
	shape.Until("goroutine that spins", func() bool { return atomic.LoadInt64(&counter) > 1000 })
	C.handler_interrupt_waiting()
	shape.Until("three handlers", func() bool { return C.handler_entered() == 3 })
	shape.Until("a fourth, over Go", func() bool {
		C.handler_interrupt_spinning(C.int(atomic.LoadInt32(&spinning)), C.uintptr_t(reflect.ValueOf(spin).Pointer()))
		return C.handler_entered() == 4
	})
	// Not Settle: the runtime's monitor thread keeps looking after the processor that is never given back.
	time.Sleep(50 * time.Millisecond)
	shape.Stay()
}
