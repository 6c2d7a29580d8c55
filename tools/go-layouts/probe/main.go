// A program that keeps the runtime's types in its debug information. It is built once per Go version and never run.
package main

import (
	"context"
	"os"
	"runtime"
	"runtime/pprof"
	"time"
)

func main() {
	labels := map[string]string{"os": runtime.GOOS}
	done := make(chan map[string]string)
	pprof.Do(context.Background(), pprof.Labels("probe", "yes"), func(context.Context) {
		go func() {
			defer close(done)
			select {
			case done <- labels:
			case <-time.After(time.Millisecond):
			}
		}()
	})
	if len(<-done) > 1 {
		os.Exit(1)
	}
}
