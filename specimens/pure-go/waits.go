package main

import (
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

var (
	mutex   sync.Mutex
	readers sync.RWMutex
	writers sync.RWMutex
	group   sync.WaitGroup
	cond    = sync.NewCond(new(sync.Mutex))
)

func startWaits() {
	mutex.Lock()
	readers.Lock()
	writers.RLock()
	group.Add(1)

	for _, wait := range []func(){
		waitReceive, waitSend, waitNilReceive, waitNilSend, waitSelect, waitSelectNothing, waitSelectOne,
		waitMutex, waitReadLock, waitWriteLock, waitGroup, waitCond, waitSleep, waitTimer, waitRange,
		waitPipe, waitSocket, waitSyscall, waitOnce,
	} {
		start(wait)
	}
	blocked.Add(1)
	collectUntilFinalized()
}

func waitReceive()       { arrive(); <-never }
func waitSend()          { arrive(); make(chan int) <- 1 }
func waitNilReceive()    { arrive(); <-nothing }
func waitNilSend()       { arrive(); nothing <- 1 }
func waitSelectNothing() { arrive(); select {} }
func waitMutex()         { arrive(); mutex.Lock() }
func waitReadLock()      { arrive(); readers.RLock() }
func waitWriteLock()     { arrive(); writers.Lock() }
func waitGroup()         { arrive(); group.Wait() }
func waitSleep()         { arrive(); time.Sleep(24 * time.Hour) }

func waitSelect() {
	arrive()
	select {
	case <-never:
	case <-neither:
	case <-time.After(24 * time.Hour):
	}
}

func waitSelectOne() {
	arrive()
	select {
	case value := <-never:
		println(value)
	}
}

func waitCond() {
	cond.L.Lock()
	arrive()
	cond.Wait()
}

func waitTimer() {
	timer := time.NewTimer(24 * time.Hour)
	arrive()
	<-timer.C
}

func waitRange() {
	arrive()
	for value := range neither {
		println(value)
	}
}

func waitPipe() {
	reader, writer, err := os.Pipe()
	finish(err)
	arrive()
	reader.Read(make([]byte, 1))
	writer.Close()
}

func waitSocket() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	finish(err)
	arrive()
	listener.Accept()
}

// waitSyscall blocks a thread: the pipe is not in non-blocking mode.
func waitSyscall() {
	var ends [2]int
	finish(syscall.Pipe(ends[:]))
	arrive()
	syscall.Read(ends[0], make([]byte, 1))
}

func waitOnce() {
	var once sync.Once
	once.Do(func() {
		arrive()
		<-never
	})
}

type finalizable struct{ room [64]byte }

//go:noinline
func makeFinalizable() {
	object := &finalizable{}
	setFinalizer(object)
}

// finalize never returns, which keeps the runtime's goroutine for finalizers in it.
func finalize(object *finalizable) {
	arrive()
	<-never
}
