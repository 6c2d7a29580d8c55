// Lockosthread: goroutines locked to their threads, parked in Go, in a system call and in C; the main goroutine is
// locked to the main thread, as programs with a user interface do it.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2 -fomit-frame-pointer -fno-optimize-sibling-calls
// #include "locked.h"
import "C"

import (
	"runtime"
	"sync/atomic"
	"syscall"

	"blindspot.specimens/shape"
)

var (
	never   = make(chan int)
	arrived int32
)

func init() { runtime.LockOSThread() }

//go:noinline
func lockedInGo() {
	runtime.LockOSThread()
	atomic.AddInt32(&arrived, 1)
	<-never
}

//go:noinline
func lockedInC() {
	runtime.LockOSThread()
	C.locked_block()
}

//go:noinline
func lockedInSyscall() {
	runtime.LockOSThread()
	var ends [2]int
	if err := syscall.Pipe(ends[:]); err != nil {
		panic(err)
	}
	atomic.AddInt32(&arrived, 1)
	syscall.Read(ends[0], make([]byte, 1))
}

//go:noinline
func unlockedAgain() {
	runtime.LockOSThread()
	runtime.UnlockOSThread()
	atomic.AddInt32(&arrived, 1)
	<-never
}

func main() {
	go lockedInGo()
	go lockedInGo()
	go lockedInC()
	go lockedInSyscall()
	go unlockedAgain()
	shape.Until("arrival in C", func() bool { return C.locked_arrived() == 1 })
	shape.Until("arrival in Go", func() bool { return atomic.LoadInt32(&arrived) == 4 })
	shape.Settle()
	shape.Stay()
}
