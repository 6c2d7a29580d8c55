package main

import "runtime"

func startPanics() {
	start(panicInDefer)
	start(panicRecovered)
	start(panicTwice)
	start(panicNil)
	start(exitInDefer)
	start(deferPlain)
}

// panicInDefer blocks in a deferred call that its panic runs.
//
//go:noinline
func panicInDefer() {
	defer func() {
		arrive()
		<-never
	}()
	panic("on purpose")
}

// panicRecovered blocks in a deferred call that has recovered already.
//
//go:noinline
func panicRecovered() {
	defer func() {
		if recover() != nil {
			waitRecovered()
		}
	}()
	panicBelow(3)
}

//go:noinline
func waitRecovered() { arrive(); <-never }

//go:noinline
func panicBelow(left int) int {
	if left == 0 {
		panic("from below")
	}
	return panicBelow(left-1) + 1
}

// panicTwice blocks in a deferred call of a panic that a deferred call of another panic made.
//
//go:noinline
func panicTwice() {
	defer func() {
		recover()
		waitTwice()
	}()
	defer func() {
		panic("the second")
	}()
	panic("the first")
}

//go:noinline
func waitTwice() { arrive(); <-never }

// panicNil blocks under a fault: its frame holds the faulting instruction, not a return address.
//
//go:noinline
func panicNil() {
	defer func() {
		recover()
		waitNil()
	}()
	var missing *node
	use(missing)
}

//go:noinline
func waitNil() { arrive(); <-never }

//go:noinline
func use(n *node) int { return len(n.name) }

// exitInDefer blocks in a deferred call that runtime.Goexit runs.
//
//go:noinline
func exitInDefer() {
	defer func() {
		arrive()
		<-never
	}()
	runtime.Goexit()
}

// deferPlain blocks in a deferred call of a plain return.
//
//go:noinline
func deferPlain() {
	for i := 0; i < 2; i++ { // in a loop, so that the deferred calls are records on the heap
		defer func() {
			arrive()
			<-never
		}()
	}
}
