package main

import (
	"runtime"
	"sync/atomic"
)

// One goroutine, locked to its thread, does the deed and whatever shows its consequence: that thread's mask and alternate
// stack may be what is wrong.
var (
	jobs           = make(chan func())
	done           = make(chan bool)
	waiting        int32
	keepWorkerBusy bool
	turns          int
)

func startWorker() {
	go work()
	onWorker(func() {})
}

// onWorker runs it on the worker's thread, to its end.
func onWorker(job func()) {
	giveWorker(job)
	<-done
}

func giveWorker(job func()) {
	atomic.StoreInt32(&waiting, 1)
	jobs <- job
}

func work() {
	runtime.LockOSThread()
	nameThread("worker")
	growStack()
	for {
		job := <-jobs
		atomic.StoreInt32(&waiting, 0)
		job()
		busy := keepWorkerBusy
		done <- true
		if busy {
			spin(&waiting)
		}
	}
}

// spin has no call in its loop, so that nothing but a signal gets it off its processor.
//
//go:noinline
func spin(until *int32) {
	for atomic.LoadInt32(until) == 0 {
		turns++
	}
}

// growStack leaves much room below the worker's frames: what a handler without SA_ONSTACK writes there does no harm.
//
//go:noinline
func growStack() byte {
	var room [64 << 10]byte
	for i := range room {
		room[i] = byte(i + turns)
	}
	return room[turns]
}
