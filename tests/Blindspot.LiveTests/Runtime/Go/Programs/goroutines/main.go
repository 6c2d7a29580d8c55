// Goroutines in many states. It prints "ready", and for each line that it reads writes the runtime's own dump of all
// goroutines, as SIGQUIT prints it, ended by a line of "end".
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
	"sync"
	"time"
)

type keeper[T any] struct{ values chan T }

//go:noinline
func (k keeper[T]) receive() T { return <-k.values }

func generic[T any](values chan T) { keeper[T]{values}.receive() }

//go:noinline
func park(never chan int) { <-never }

func creator(never chan int, group *sync.WaitGroup) {
	for i := 0; i < 3; i++ {
		go park(never)
	}
	go func() {
		defer group.Done()
		park(never)
	}()
}

func main() {
	never := make(chan int)
	full := make(chan int, 1)
	full <- 1
	var held sync.Mutex
	held.Lock()
	var readers sync.RWMutex
	readers.Lock()
	var group sync.WaitGroup
	group.Add(1)
	signalled := sync.NewCond(&sync.Mutex{})

	creator(never, &group)
	go generic(make(chan string))
	go generic(make(chan []int))
	go func() { full <- 2 }()
	go func() { held.Lock() }()
	go func() { readers.RLock() }()
	go func() { group.Wait() }()
	go func() { signalled.L.Lock(); signalled.Wait() }()
	go func() { time.Sleep(time.Hour) }()
	go func() { select {} }()
	go func() {
		select {
		case <-never:
		case <-time.After(time.Hour):
		}
	}()
	go func() { var none chan int; <-none }()
	go func() { runtime.LockOSThread(); park(never) }()
	go func() {
		labels := []string{"color", "blue", "empty", ""}
		for i := 0; i < 12; i++ {
			labels = append(labels, fmt.Sprintf("key%02d", i), strconv.Itoa(i))
		}
		pprof.Do(context.Background(), pprof.Labels(labels...), func(context.Context) {
			go park(never)
			park(never)
		})
	}()
	extra, _ := strconv.Atoi(append(os.Args, "0")[1])
	for i := 0; i < extra; i++ {
		go park(never)
	}
	runtime.SetFinalizer(new([16]int), func(*[16]int) {})
	runtime.GC()
	time.Sleep(200 * time.Millisecond)

	in := bufio.NewScanner(os.Stdin)
	fmt.Println("ready")
	for in.Scan() {
		dump := make([]byte, 64<<20)
		os.Stdout.Write(dump[:runtime.Stack(dump, true)])
		fmt.Println("\nend")
	}
}
