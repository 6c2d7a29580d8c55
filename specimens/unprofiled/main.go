// Unprofiled: memory and CPU time that no profile of Go's shows, of one kind for each mode, and a healthy program beside
// each. verdict.json says what is to be found in which mode.
//
//	unprofiled -mode MODE
//
// The line "grow" makes C allocate 10 MiB a second from then on.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2 -fomit-frame-pointer -fno-optimize-sibling-calls
// #cgo LDFLAGS: -pthread
// #include "unprofiled.h"
import "C"

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"blindspot.specimens/shape"
)

const (
	mebibyte = 1 << 20
	page     = 4096
)

var (
	never  = make(chan int)
	parked int64
	cache  [][]byte
)

func must(result C.int) {
	if result != 0 {
		fail("the system refused the memory")
	}
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, "specimen:", why)
	os.Exit(3)
}

// touched is Go heap that is resident.
//
//go:noinline
func touched(mebibytes int) [][]byte {
	var blocks [][]byte
	for i := 0; i < mebibytes; i++ {
		block := make([]byte, mebibyte)
		for at := 0; at < len(block); at += page {
			block[at] = byte(i)
		}
		blocks = append(blocks, block)
	}
	return blocks
}

//go:noinline
func useOnce(mebibytes int) { runtime.KeepAlive(touched(mebibytes)) }

//go:noinline
func descend(left int) int {
	var room [1000]byte
	room[left%len(room)] = 1
	if left == 0 {
		atomic.AddInt64(&parked, 1)
		<-never
	} else {
		descend(left - 1)
	}
	return int(room[0])
}

//go:noinline
func startDeep(count, depth int) {
	for i := 0; i < count; i++ {
		go descend(depth)
	}
	shape.Until("parked goroutines", func() bool { return atomic.LoadInt64(&parked) == int64(count) })
}

// churn makes garbage, as a server does, so that the collector has work all the time.
func churn() {
	for {
		useOnce(4)
		time.Sleep(5 * time.Millisecond)
	}
}

func burn() {
	for end := time.Now().Add(100 * time.Millisecond); time.Now().Before(end); {
	}
}

func runChildren() {
	for {
		if err := exec.Command("/proc/self/exe", "-mode", "child").Run(); err != nil {
			fail(err.Error())
		}
		atomic.AddInt64(&parked, 1)
	}
}

var modes = map[string]func(){
	"native-growth": func() { must(C.native_allocate(256)) },
	"native-little": func() { must(C.native_allocate(40)) },
	"memfd":         func() { must(C.shared_allocate(320)) },
	"memfd-little":  func() { must(C.shared_allocate(100)) },
	"lazy-free":     func() { must(C.lazy_allocate(256)) },
	// With collections turned off again the scavenger has no goal, so that what this one frees is kept.
	"idle-heap": func() {
		useOnce(512)
		runtime.GC()
	},
	"cache": func() {
		debug.SetGCPercent(100)
		cache = touched(200)
		go churn()
		time.Sleep(time.Second)
	},
	"many-stacks": func() { startDeep(5000, 36) },
	"many-little": func() { startDeep(5000, 1) },
	"busy-children": func() {
		go runChildren()
		shape.Until("the first child's end", func() bool { return atomic.LoadInt64(&parked) > 0 })
	},
}

func main() {
	mode := flag.String("mode", "", "what is to be seen: see verdict.json")
	flag.Parse()
	if *mode == "child" {
		burn()
		return
	}
	start, known := modes[*mode]
	if !known {
		fail("which mode? See verdict.json")
	}
	shape.Settle()
	start()
	shape.Serve(func(line string) {
		if line == "grow" {
			must(C.native_grow())
		}
	})
}
