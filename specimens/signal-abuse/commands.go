package main

// #include "abuse.h"
import "C"

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

const (
	processorTime = 500 * time.Millisecond
	patience      = 5 * time.Second
	hang          = time.Second
	churning      = time.Second
)

func nameThread(name string) {
	C.name_thread(C.CString(name))
}

// command does what a line of standard input says, and prints one line of what came of it.
func command(line string) {
	switch line {
	case "abuse":
		abuse()
		fmt.Println("abused")
	case "profile":
		profile()
	case "gc":
		collect()
	case "notify":
		notify()
	case "fault":
		onWorker(fault)
	case "churn":
		churn()
	default:
		fmt.Println("no such command")
	}
}

// profile prints how many samples a profile has of Go's threads and of C's, and how much processor time was used.
func profile() {
	if !isProfiling {
		startProfile()
	}
	before := processorSeconds()
	onWorker(burn)
	used := processorSeconds() - before
	own, foreign := stopProfile()
	fmt.Printf("profile samples=%d foreign=%d seconds=%.2f\n", own, foreign, used)
}

//go:noinline
func burn() {
	end := time.Now().Add(patience)
	for before := processorSeconds(); processorSeconds()-before < processorTime.Seconds() && time.Now().Before(end); {
		for i := 0; i < 1000000; i++ {
			turns += i * i
		}
	}
}

func processorSeconds() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

// collect runs a collection while the worker spins, for a second at most.
func collect() {
	flag := new(int32)
	giveWorker(func() { spin(flag) })
	C.set_later((*C.int)(unsafe.Pointer(flag)), C.int(hang/time.Millisecond))
	time.Sleep(20 * time.Millisecond)
	begin := time.Now()
	runtime.GC()
	took := time.Since(begin)
	atomic.StoreInt32(flag, 1)
	<-done
	fmt.Printf("gc ms=%d\n", took.Milliseconds())
}

func notify() {
	syscall.Kill(syscall.Getpid(), syscall.SIGUSR1)
	count := 0
	select {
	case <-received:
		count = 1
	case <-time.After(time.Second):
	}
	fmt.Printf("notify received=%d\n", count)
}

func fault() {
	defer func() {
		if recover() != nil {
			fmt.Println("fault recovered=1")
		}
	}()
	var nowhere *int
	turns = *nowhere
}

// churn has goroutines with the smallest of stacks run under a storm of the signal.
func churn() {
	number := syscall.SIGPROF
	if is("urg-") {
		number = syscall.SIGURG
	}
	C.storm_start(C.int(number))
	var all sync.WaitGroup
	for end := time.Now().Add(churning); time.Now().Before(end); all.Wait() {
		for i := 0; i < 64; i++ {
			all.Add(1)
			go descend(&all)
		}
	}
	fmt.Println("churn survived=1")
}

func descend(all *sync.WaitGroup) {
	defer all.Done()
	for i := 0; i < 20; i++ {
		depth(12, i)
	}
}

//go:noinline
func depth(levels, value int) int {
	var frame [8]int
	frame[value&7] = value
	if levels == 0 {
		for i := 0; i < 2000; i++ {
			frame[i&7] += i
		}
		return frame[3]
	}
	return depth(levels-1, value) + frame[value&7]
}
