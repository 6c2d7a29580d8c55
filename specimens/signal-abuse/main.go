// Signal-abuse: a Go program in which C does something to the signals that Go's runtime needs, one thing for each mode.
// Go itself shows on command what has become of its profiles, its collections and its own signals (commands.go);
// truth.json says what is wrong in which mode, and who did it.
//
//	signal-abuse [-late] MODE [SIZE]
//
// With -late nothing is done until the line "abuse" is read. SIZE is that of an alternate stack.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2 -fomit-frame-pointer -fno-optimize-sibling-calls
// #cgo LDFLAGS: -ldl -pthread
// #include <stdlib.h>
// #include "abuse.h"
import "C"

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"blindspot.specimens/shape"
)

var (
	mode     string
	size     = 4096
	received = make(chan os.Signal, 16)
)

func is(prefixes ...string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(mode, prefix) {
			return true
		}
	}
	return false
}

// trespass does what the mode says, on the worker's thread.
func trespass() {
	text := C.CString(mode)
	defer C.free(unsafe.Pointer(text))
	result := C.int(0)
	switch {
	case is("none"):
	case is("own-"):
		result = C.own_trespass(text)
	default:
		result = C.load_and_trespass(beside("libtrespass.so"), text, C.ulong(size))
	}
	if result == 0 && is("prof-chain-two", "prof-chain-to-empty") {
		result = C.load_and_relay(beside("librelay.so"), C.int(syscall.SIGPROF))
	}
	if result != 0 {
		fail(mode + ": " + C.GoString(C.load_error()))
	}
}

func beside(library string) *C.char {
	executable, err := os.Executable()
	if err != nil {
		fail(err.Error())
	}
	return C.CString(filepath.Join(filepath.Dir(executable), library))
}

func abuse() {
	if is("itimer-") {
		startProfile()
	}
	onWorker(trespass)
	keepWorkerBusy = is("prof-block-m", "urg-block-m")
	onWorker(func() {})
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, "specimen:", why)
	os.Exit(3)
}

// The main goroutine keeps the main thread, so that the worker is another.
func init() { runtime.LockOSThread() }

func main() {
	arguments := os.Args[1:]
	late := len(arguments) > 0 && arguments[0] == "-late"
	if late {
		arguments = arguments[1:]
	}
	if len(arguments) == 0 {
		fail("which mode? See truth.json")
	}
	mode = arguments[0]
	if is("altstack-64k") {
		size = 64 << 10
	}
	if len(arguments) > 1 {
		size, _ = strconv.Atoi(arguments[1])
	}

	runtime.GOMAXPROCS(4) // a worker that can't be preempted must not keep the commands from running
	if is("notify-") {
		signal.Notify(received, syscall.SIGUSR1)
	}
	startWorker()
	if is("itimer-", "none-c") {
		C.burn_start()
		shape.Prepare()
	} else {
		shape.Settle()
	}
	if !late {
		abuse()
	}
	time.Sleep(50 * time.Millisecond)
	shape.Serve(command)
}
