// Innocents: Go programs with C libraries that do to signals what they may, one for each mode (truth.json). Each is at work
// from "ready" on.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2
// #cgo LDFLAGS: -pthread
// #include "innocents.h"
import "C"

import (
	"bytes"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"syscall"
	"time"

	"blindspot.specimens/shape"
)

var modes = map[string]func(){
	"plain":      func() {},
	"libuv":      startLibuv,
	"librdkafka": startLibrdkafka,
	"openssl":    startOpenssl,
	"notify":     startNotify,
	"notify-all": func() { signal.Notify(make(chan os.Signal, 16)) },
	"profiled":   startProfiling,
	"threads":    startThreads,
}

func startNotify() {
	received := make(chan os.Signal, 16)
	signal.Notify(received, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH, syscall.SIGTERM)
	signal.Ignore(syscall.SIGINT, syscall.SIGPIPE, syscall.SIGTTOU)
	signal.Reset(syscall.SIGUSR2, syscall.SIGTERM)
	go func() {
		for range received {
		}
	}()
}

func startProfiling() {
	C.work_in_thread()
	go func() {
		for {
			var profile bytes.Buffer
			pprof.StartCPUProfile(&profile)
			time.Sleep(200 * time.Millisecond)
			pprof.StopCPUProfile()
			time.Sleep(50 * time.Millisecond)
		}
	}()
}

// A goroutine that ends locked takes its thread with it, so that the runtime has to make another.
func startThreads() {
	C.make_threads()
	go func() {
		for ; ; time.Sleep(2 * time.Millisecond) {
			ended := make(chan bool)
			go func() {
				runtime.LockOSThread()
				ended <- true
			}()
			<-ended
		}
	}()
}

// work keeps Go's scheduler and collector at it without taking the whole machine.
func work() {
	for ; ; time.Sleep(5 * time.Millisecond) {
		var garbage [][]byte
		for i := 0; i < 200; i++ {
			garbage = append(garbage, make([]byte, 1024))
		}
		runtime.KeepAlive(garbage)
	}
}

func main() {
	if len(os.Args) != 2 || modes[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "specimen: which mode? See truth.json")
		os.Exit(3)
	}
	modes[os.Args[1]]()
	go work()
	time.Sleep(100 * time.Millisecond)
	shape.Stay()
}
