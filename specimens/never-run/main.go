// Never-run: goroutines that were made and never got to run, since the only P is taken by one that cannot be preempted.
package main

// #cgo CFLAGS: -O2 -D_GNU_SOURCE
// #cgo LDFLAGS: -pthread
// #include "watch.h"
import "C"

import (
	"os"
	"runtime"
	"sync/atomic"
	"syscall"

	"blindspot.specimens/shape"
)

var never int32

//go:noinline
func beforeIt() { atomic.AddInt32(&never, 1) }

//go:noinline
func neverRun() { atomic.AddInt32(&never, 2) }

//go:noinline
func makeThem() {
	for i := 0; i < 3; i++ {
		go neverRun()
	}
}

func main() {
	const without = "asyncpreemptoff=1"
	if os.Getenv("GODEBUG") != without {
		os.Setenv("GODEBUG", without)
		if err := syscall.Exec("/proc/self/exe", os.Args, os.Environ()); err != nil {
			panic(err)
		}
	}
	shape.Prepare()
	runtime.GOMAXPROCS(1)
	C.watch_start()
	beforeIt()
	os.Stdout.WriteString("ready\n")
	makeThem()
	for atomic.LoadInt32(&never) == 1 {
	}
}
