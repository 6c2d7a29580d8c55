// Foreign-threads: four threads made by C. One never called Go; one called it and is back in C; one is parked inside
// Go; one went through Go into C again and is blocked there.
package main

// #cgo CFLAGS: -I${SRCDIR}/../shape -O2 -fomit-frame-pointer -fno-optimize-sibling-calls
// #cgo LDFLAGS: -pthread
// #include "foreign.h"
import "C"

import (
	"sync/atomic"

	"blindspot.specimens/shape"
)

var (
	never  = make(chan int)
	parked int32
)

//export goVisit
func goVisit(value C.int) C.int {
	return value + 1
}

//export goStay
func goStay() C.int {
	return stayInGo()
}

//go:noinline
func stayInGo() C.int {
	atomic.AddInt32(&parked, 1)
	return C.int(<-never)
}

//export goThrough
func goThrough() C.int {
	return throughGo()
}

//go:noinline
func throughGo() C.int {
	return C.again_block()
}

func main() {
	C.foreign_start()
	shape.Until("threads blocked in C", func() bool { return C.foreign_arrived() == 3 })
	shape.Until("thread parked in Go", func() bool { return atomic.LoadInt32(&parked) == 1 })
	shape.Settle()
	shape.Stay()
}
