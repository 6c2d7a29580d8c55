// A program with a heap in use, free and given back, and with deep stacks; for each line on its standard input it tells
// what its runtime counts of them.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
)

var (
	one  = func() int { return 1 }
	kept [][]byte
	gone [][]byte
)

func deep(left int, ready chan<- bool, stay <-chan bool) byte {
	var room [1024]byte
	if left > 0 {
		return room[left] + deep(left-1, ready, stay)
	}
	ready <- true
	<-stay
	return room[0]
}

func fill(mebibytes int) [][]byte {
	var pieces [][]byte
	for i := 0; i < mebibytes*16; i++ {
		pieces = append(pieces, make([]byte, 64<<10))
	}
	return pieces
}

func main() {
	rate := flag.Int("rate", -1, "heap profiling rate")
	flag.Parse()
	if *rate >= 0 {
		runtime.MemProfileRate = *rate
	}

	kept = fill(24 * one())
	gone = fill(48)
	gone = nil
	debug.FreeOSMemory()
	gone = fill(16)
	gone = nil
	debug.SetGCPercent(-1) // counters stand still
	ready, stay := make(chan bool), make(chan bool)
	for i := 0; i < 100; i++ {
		go deep(40, ready, stay)
		<-ready
	}

	runtime.GC()
	fmt.Println("ready")
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		fmt.Println(stats.HeapInuse, stats.HeapIdle, stats.HeapReleased, stats.StackInuse, stats.Sys, stats.NumGC, runtime.MemProfileRate)
		fmt.Println("end")
	}
	runtime.KeepAlive(kept)
}
