// Untouched-memory: mappings whose pages nobody has touched, a heap with parts given back to the system, and stacks
// that grew and shrank. Whoever looks at the process must not make it grow.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2 -fomit-frame-pointer -fno-optimize-sibling-calls
// #include "untouched.h"
import "C"

import (
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"syscall"

	"blindspot.specimens/shape"
)

const (
	mebibyte = 1 << 20
	page     = 4096
)

var (
	never   = make(chan int)
	arrived int32
	keep    [][]byte
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func mapAnonymous(size int) []byte {
	memory, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_NORESERVE)
	must(err)
	return memory
}

func mapFile(size int, protection, flags int) []byte {
	file, err := os.CreateTemp("", "untouched-memory-*")
	must(err)
	defer file.Close()
	must(os.Remove(file.Name()))
	must(file.Truncate(int64(size)))
	memory, err := syscall.Mmap(int(file.Fd()), 0, size, protection, flags)
	must(err)
	return memory
}

//go:noinline
func useHeap() {
	var released [][]byte
	for i := 0; i < 128; i++ {
		block := make([]byte, mebibyte)
		for at := 0; at < len(block); at += page {
			block[at] = byte(i)
		}
		if i%4 == 0 {
			keep = append(keep, block)
		} else {
			released = append(released, block)
		}
	}
	runtime.KeepAlive(released)
}

//go:noinline
func growStack(left int) int {
	var room [1024]byte
	room[left%len(room)] = 1
	if left > 0 {
		return growStack(left-1) + int(room[0])
	}
	return 0
}

//go:noinline
func park() {
	growStack(500)
	atomic.AddInt32(&arrived, 1)
	<-never
}

//go:noinline
func enterC() { C.untouched_block() }

func main() {
	keep = append(keep, mapAnonymous(1024*mebibyte),
		mapFile(256*mebibyte, syscall.PROT_READ, syscall.MAP_SHARED),
		mapFile(64*mebibyte, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE))
	sparse := mapAnonymous(64 * mebibyte)
	must(syscall.Madvise(sparse, syscall.MADV_NOHUGEPAGE))
	for at := 0; at < len(sparse); at += 16 * page {
		sparse[at] = 1
	}
	keep = append(keep, sparse)
	useHeap()
	for i := 0; i < 3; i++ {
		go park()
	}
	go enterC()
	shape.Until("arrival in C", func() bool { return C.untouched_arrived() == 1 })
	shape.Until("parked goroutines", func() bool { return atomic.LoadInt32(&arrived) == 3 })
	debug.FreeOSMemory()
	shape.Settle()
	shape.Stay()
}
