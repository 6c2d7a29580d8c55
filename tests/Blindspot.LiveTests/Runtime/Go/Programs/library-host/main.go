// Library-host is a Go program that loads another Go, with a runtime of its own, as a C library (a specimen built as
// c-shared), and calls its main.
package main

// #cgo LDFLAGS: -ldl
// #include <dlfcn.h>
// #include <stdlib.h>
//
// static void enter_library(void *start) {
//     ((void (*)(void))start)();
//     __asm__ volatile("" : : : "memory");
// }
import "C"

import (
	"fmt"
	"os"
	"unsafe"
)

//go:noinline
func enter(start unsafe.Pointer) {
	C.enter_library(start)
}

//go:noinline
func park(never chan int) { <-never }

func main() {
	path, name := C.CString(os.Args[1]), C.CString("specimen_main")
	defer C.free(unsafe.Pointer(path))
	defer C.free(unsafe.Pointer(name))
	library := C.dlopen(path, C.RTLD_NOW)
	if library == nil {
		fmt.Fprintln(os.Stderr, C.GoString(C.dlerror()))
		os.Exit(3)
	}
	start := C.dlsym(library, name)
	go park(make(chan int))
	enter(start)
}
