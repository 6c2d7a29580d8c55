// Many: goroutines blocked in C, each of which holds a thread, and a great many parked ones. With -heartbeat it also
// measures the longest stall that it sees itself, in a C thread and in a goroutine, and prints it on SIGUSR2.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2 -fomit-frame-pointer -fno-optimize-sibling-calls
// #cgo LDFLAGS: -pthread
// #include "many.h"
import "C"

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"blindspot.specimens/shape"
)

var (
	never   = make(chan int)
	neither = make(chan string)
	held    sync.Mutex
	parked  int64
)

func arrive() { atomic.AddInt64(&parked, 1) }

//go:noinline
func callC(depth int) int {
	return int(C.many_enter(C.int(depth)))
}

func shallowC() { callC(0) }
func middleC()  { callC(6) }
func deepC()    { callC(25) }

//go:noinline
func receive() int {
	arrive()
	return <-never
}

//go:noinline
func choose() int {
	arrive()
	select {
	case n := <-never:
		return n
	case s := <-neither:
		return len(s)
	}
}

//go:noinline
func lock() {
	arrive()
	held.Lock()
	held.Unlock()
}

//go:noinline
func sleep() {
	arrive()
	time.Sleep(24 * time.Hour)
}

//go:noinline
func handle(depth int, wait func()) {
	if depth > 0 {
		handle(depth-1, wait)
		return
	}
	wait()
}

// Eight functions that create the parked goroutines, as a real program has several places that do.
func createReceivers(n int) {
	for i := 0; i < n; i++ {
		go receive()
	}
}

func createChoosers(n int) {
	for i := 0; i < n; i++ {
		go choose()
	}
}

func createLockers(n int) {
	for i := 0; i < n; i++ {
		go lock()
	}
}

func createSleepers(n int) {
	for i := 0; i < n; i++ {
		go sleep()
	}
}

func createDeepReceivers(n int) {
	for i := 0; i < n; i++ {
		go handle(10, func() { receive() })
	}
}

func createDeepChoosers(n int) {
	for i := 0; i < n; i++ {
		go handle(10, func() { choose() })
	}
}

func createDeepLockers(n int) {
	for i := 0; i < n; i++ {
		go handle(5, lock)
	}
}

func createDeepSleepers(n int) {
	for i := 0; i < n; i++ {
		go handle(5, sleep)
	}
}

var longestGo int64

//go:noinline
func heartbeat() {
	for last := time.Now(); ; {
		time.Sleep(time.Millisecond)
		now := time.Now()
		if gap := now.Sub(last).Microseconds(); gap > atomic.LoadInt64(&longestGo) {
			atomic.StoreInt64(&longestGo, gap)
		}
		last = now
	}
}

func report(requests <-chan os.Signal) {
	for range requests {
		inC, inGo := C.many_longest_gap(), atomic.SwapInt64(&longestGo, 0)
		os.Stdout.WriteString(fmt.Sprintf("stall c=%d us go=%d us\n", inC, inGo))
	}
}

func main() {
	threads := flag.Int("threads", 1000, "goroutines blocked in C, a thread each")
	goroutines := flag.Int("goroutines", 100000, "goroutines parked in Go")
	beat := flag.Bool("heartbeat", false, "measure stalls; SIGUSR2 prints the longest since the last time")
	flag.Parse()

	held.Lock()
	creators := []func(int){createReceivers, createChoosers, createLockers, createSleepers,
		createDeepReceivers, createDeepChoosers, createDeepLockers, createDeepSleepers}
	for i, create := range creators {
		create((*goroutines + i) / len(creators))
	}
	intoC := []func(){shallowC, middleC, deepC, shallowC}
	for i := 0; i < *threads; i++ {
		go intoC[i%len(intoC)]()
	}

	shape.Until("parked goroutines", func() bool { return atomic.LoadInt64(&parked) == int64(*goroutines) })
	shape.Until("threads in C", func() bool { return int(C.many_arrived()) == *threads })
	shape.Settle()
	if *beat {
		requests := make(chan os.Signal, 1)
		signal.Notify(requests, syscall.SIGUSR2)
		C.many_heartbeat()
		go heartbeat()
		go report(requests)
	}
	shape.Stay()
}
