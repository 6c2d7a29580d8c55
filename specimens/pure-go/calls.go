package main

import (
	"runtime"
	"sort"
)

func setFinalizer(object *finalizable) { runtime.SetFinalizer(object, finalize) }

func startCalls() {
	start(callInlined)
	start(func() { recurse(200) })
	start(callClosures())
	start((&node{name: "pointer"}).wait)
	start(leaf{depth: 3}.wait)
	var waiter waiter = &leaf{depth: 3}
	start(waiter.wait)
	start(callEmbedded)
	start(callGeneric)
	start(callSort)
	start(callBigFrame)
	blocked.Add(1)
	go func(values ...int) { waitVariadic(values...) }(1, 2, 3)
}

// Inlined three deep: the compiler makes one function of these.
func inlineInner(values chan int) int  { return <-values }
func inlineMiddle(values chan int) int { return inlineInner(values) + 1 }
func inlineOuter(values chan int) int  { return inlineMiddle(values) * 2 }

//go:noinline
func callInlined() {
	arrive()
	inlineOuter(never)
}

//go:noinline
func recurse(left int) int {
	if left == 0 {
		arrive()
		return <-never
	}
	return recurse(left-1) + 1
}

//go:noinline
func callClosures() func() {
	count := 0
	return func() {
		count++
		func() {
			count++
			arrive()
			<-never
		}()
		count--
	}
}

type waiter interface{ wait() }

type node struct{ name string }

//go:noinline
func (n *node) wait() { arrive(); <-never }

type leaf struct{ depth int }

//go:noinline
func (l leaf) wait() { l.descend(l.depth) }

//go:noinline
func (l leaf) descend(left int) {
	if left > 0 {
		l.descend(left - 1)
		return
	}
	arrive()
	<-never
}

type embedding struct {
	*node
	extra int
}

// callEmbedded calls through an interface a method that the compiler writes for the embedding type.
//
//go:noinline
func callEmbedded() {
	var waiter waiter = embedding{node: &node{name: "embedded"}}
	waiter.wait()
}

type pair[A, B any] struct {
	first  A
	second B
}

//go:noinline
func (p *pair[A, B]) swap(left int) pair[B, A] {
	genericWait(p.first, p.second, left)
	return pair[B, A]{p.second, p.first}
}

//go:noinline
func genericWait[A, B any](first A, second B, left int) A {
	if left > 0 {
		return genericWait[A, B](first, second, left-1)
	}
	arrive()
	<-never
	return first
}

//go:noinline
func callGeneric() {
	value := &pair[string, float64]{"first", 2}
	value.swap(2)
}

// callSort blocks in a comparison that a library's generic or reflective code calls.
//
//go:noinline
func callSort() {
	values := []int{3, 1, 2}
	sort.Slice(values, func(i, j int) bool {
		arrive()
		<-never
		return values[i] < values[j]
	})
}

//go:noinline
func callBigFrame() {
	var room [1 << 16]byte
	fill(room[:])
	arrive()
	room[0] = byte(<-never)
	fill(room[:])
}

//go:noinline
func fill(room []byte) {
	for i := range room {
		room[i] = byte(i)
	}
}

//go:noinline
func waitVariadic(values ...int) {
	arrive()
	make(chan int) <- len(values)
}
