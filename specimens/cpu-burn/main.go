// CPU burn: four threads that use all the CPU time they get, in C called from Go, in C three callbacks deep, in Go, and
// in a thread made by C. The line "used" makes it tell how much each of them has had, in seconds, by its own clock.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2 -fomit-frame-pointer -fno-optimize-sibling-calls
// #cgo LDFLAGS: -pthread
// #include "burn.h"
import "C"

import (
	"fmt"
	"runtime"

	"blindspot.specimens/shape"
)

var sink int64

//go:noinline
func burnDirect() {
	runtime.LockOSThread()
	C.burn_register(C.BURNER_DIRECT)
	C.burn_direct()
}

//go:noinline
func burnNested() {
	runtime.LockOSThread()
	C.burn_register(C.BURNER_NESTED)
	C.burn_call(2)
}

//export goBurnAgain
func goBurnAgain(left C.int) C.int {
	return burnAgain(left)
}

//go:noinline
func burnAgain(left C.int) C.int {
	if left == 0 {
		return C.burn_nested()
	}
	return C.burn_call(left - 1)
}

//go:noinline
func burnLeaf(n int64) int64 { return n*31 + 7 }

//go:noinline
func burnMiddle(n int64) int64 {
	sum := int64(0)
	for i := int64(0); i < 1000; i++ {
		sum += burnLeaf(n + i)
	}
	return sum
}

//go:noinline
func burnInGo() {
	runtime.LockOSThread()
	C.burn_register(C.BURNER_GO)
	for n := int64(0); ; n++ {
		sink += burnMiddle(n)
	}
}

func main() {
	shape.Prepare()
	C.burn_start_thread()
	go burnDirect()
	go burnNested()
	go burnInGo()
	shape.Until("arrival of all", func() bool { return C.burn_arrived() == C.BURNERS })
	shape.Serve(func(line string) {
		if line == "used" {
			fmt.Printf("used direct=%.6f nested=%.6f go=%.6f thread=%.6f\n", float64(C.burn_used(C.BURNER_DIRECT)),
				float64(C.burn_used(C.BURNER_NESTED)), float64(C.burn_used(C.BURNER_GO)), float64(C.burn_used(C.BURNER_THREAD)))
		}
	})
}
