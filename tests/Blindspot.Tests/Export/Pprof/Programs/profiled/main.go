// Profiled burns processor time in Go and, on a thread made by C, in a library, and leaves profiles of itself.
//
//	profiled LIBRARY DIRECTORY
package main

// #cgo LDFLAGS: -ldl -lpthread
// #include <dlfcn.h>
// #include <pthread.h>
// #include <stdlib.h>
//
// static void *run(void *burn) { ((void (*)(void))burn)(); return NULL; }
//
// static int start(const char *library) {
//     void *handle = dlopen(library, RTLD_NOW);
//     void *burn = handle == NULL ? NULL : dlsym(handle, "burn_forever");
//     pthread_t thread;
//     return burn == NULL ? -1 : pthread_create(&thread, NULL, run, burn);
// }
import "C"

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"time"
	"unsafe"
)

var (
	turns int
	kept  [][]byte
)

//go:noinline
func burnInGo(end time.Time) {
	for time.Now().Before(end) {
		for i := 0; i < 1000000; i++ {
			turns += i * i
		}
	}
}

func create(name string) *os.File {
	file, err := os.Create(filepath.Join(os.Args[2], name))
	check(err)
	return file
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	runtime.MemProfileRate = 4096
	library := C.CString(os.Args[1])
	defer C.free(unsafe.Pointer(library))
	if result := C.start(library); result != 0 {
		check(fmt.Errorf("the thread does not start: %d", result))
	}

	cpu := create("cpu.pb.gz")
	check(pprof.StartCPUProfile(cpu))
	pprof.Do(context.Background(), pprof.Labels("tenant", "blue", "path", "/a b"), func(context.Context) {
		burnInGo(time.Now().Add(1200 * time.Millisecond))
	})
	pprof.StopCPUProfile()
	check(cpu.Close())

	for i := 0; i < 1000; i++ {
		kept = append(kept, make([]byte, 1000+i))
	}
	runtime.GC()
	heap := create("heap.pb.gz")
	check(pprof.Lookup("heap").WriteTo(heap, 0))
	check(heap.Close())

	wait := make(chan int)
	for i := 0; i < 10; i++ {
		pprof.Do(context.Background(), pprof.Labels("worker", fmt.Sprint(i%2)), func(context.Context) {
			go func() { <-wait }()
		})
	}
	time.Sleep(50 * time.Millisecond)
	goroutines := create("goroutine.pb.gz")
	check(pprof.Lookup("goroutine").WriteTo(goroutines, 0))
	check(goroutines.Close())
}
