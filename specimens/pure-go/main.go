// Pure-go: no C at all; goroutines in as many wait reasons as can be had, under inlined calls, closures, method
// values, generics, deferred calls of panics, and deep recursion. SIGUSR1 makes it write the runtime's own dump of its
// goroutines to the file named by -dump, so that what is seen from outside can be compared with it.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"sync"
	"syscall"
	"time"

	"blindspot.specimens/shape"
)

var (
	never   = make(chan int)
	neither = make(chan string)
	nothing chan int // stays nil
	blocked sync.WaitGroup
)

func main() {
	dump := flag.String("dump", "", "file for the runtime's own goroutine dump, written on SIGUSR1")
	flag.Parse()

	startWaits()
	startCalls()
	startPanics()
	if *dump != "" {
		requests := make(chan os.Signal, 1)
		signal.Notify(requests, syscall.SIGUSR1)
		go writeDumps(*dump, requests)
	}
	blocked.Wait()
	shape.Settle()
	shape.Stay()
}

// writeDumps renames the finished file into place and then prints "dumped", so that nobody reads half of it.
func writeDumps(path string, requests <-chan os.Signal) {
	for range requests {
		file, err := os.Create(path + ".part")
		if err == nil {
			err = pprof.Lookup("goroutine").WriteTo(file, 2)
			file.Close()
		}
		if err == nil {
			err = os.Rename(path+".part", path)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			continue
		}
		os.Stdout.WriteString("dumped\n")
	}
}

// start runs a function that says with blocked.Done() that it is about to block. What it does then takes a moment;
// shape.Settle waits for that.
func start(function func()) {
	blocked.Add(1)
	go function()
}

func arrive() { blocked.Done() }

func finish(err error) {
	if err != nil {
		panic(err)
	}
}

func collectUntilFinalized() {
	makeFinalizable()
	for i := 0; i < 3; i++ {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
}
