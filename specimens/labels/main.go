// Labels: goroutines with profiler labels: one, several, long and odd values, replaced and inherited ones; parked in Go
// and inside C.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2 -fomit-frame-pointer -fno-optimize-sibling-calls
// #include "labels.h"
import "C"

import (
	"context"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync/atomic"

	"blindspot.specimens/shape"
)

var (
	never   = make(chan int)
	arrived int32
)

//go:noinline
func park(context.Context) {
	atomic.AddInt32(&arrived, 1)
	<-never
}

//go:noinline
func enterC(context.Context) { C.labels_block() }

func one() { pprof.Do(context.Background(), pprof.Labels("request", "17"), park) }

func several() {
	pprof.Do(context.Background(), pprof.Labels("tenant", "blue", "handler", "/orders/{id}", "attempt", "3"), park)
}

func odd() {
	pprof.Do(context.Background(), pprof.Labels("long", strings.Repeat("0123456789", 40), "empty", "", "ünïcode", "värde \"quoted\""), park)
}

// many has more labels than one bucket of the map that older versions keep them in.
func many() {
	var pairs []string
	for i := 10; i < 30; i++ {
		pairs = append(pairs, "key"+strconv.Itoa(i), "value"+strconv.Itoa(i))
	}
	pprof.Do(context.Background(), pprof.Labels(pairs...), park)
}

func replaced() {
	pprof.Do(context.Background(), pprof.Labels("stage", "outer", "kept", "yes"), func(ctx context.Context) {
		pprof.Do(ctx, pprof.Labels("stage", "inner"), park)
	})
}

func inC() {
	pprof.Do(context.Background(), pprof.Labels("library", "zlib", "request", "18"), enterC)
}

func parent() {
	pprof.Do(context.Background(), pprof.Labels("family", "smith"), func(context.Context) { go child() })
}

//go:noinline
func child() { park(nil) }

//go:noinline
func bare() { park(nil) }

func main() {
	for _, start := range []func(){one, several, odd, many, replaced, inC, parent, bare} {
		go start()
	}
	shape.Until("arrival in C", func() bool { return C.labels_arrived() == 1 })
	shape.Until("parked goroutines", func() bool { return atomic.LoadInt32(&arrived) == 7 })
	shape.Settle()
	shape.Stay()
}
