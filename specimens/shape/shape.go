// Package shape holds what all specimens share: waiting until a specimen has reached its shape, saying so, and
// keeping it until it is told to end.
package shape

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// Settle returns when the program stands still: every thread but the caller's sleeps in the kernel, three times in a
// row. The specimen must already know that its threads have arrived where they are to block, since a thread that
// has not been made yet does not show.
func Settle() {
	Prepare()
	Until("rest of the scavenger", scavengerRests)
	for still, end := 0, time.Now().Add(20*time.Second); still < 3; {
		if time.Now().After(end) {
			fail("did not come to rest")
		}
		time.Sleep(5 * time.Millisecond)
		if othersSleep() {
			still++
		} else {
			still = 0
		}
	}
}

// Until waits for a condition that C code or another goroutine makes true.
func Until(what string, reached func() bool) {
	for end := time.Now().Add(20 * time.Second); !reached(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			fail("did not reach: " + what)
		}
	}
}

// Stay says that the shape is reached, and returns from main when standard input ends.
func Stay() {
	time.AfterFunc(10*time.Minute, func() { os.Exit(0) })
	os.Stdout.WriteString("ready\n")
	for bytes := make([]byte, 64); ; {
		if _, err := os.Stdin.Read(bytes); err != nil {
			os.Exit(0)
		}
	}
}

// Serve is Stay for a specimen that does something on command: each line of standard input is one.
func Serve(command func(line string)) {
	time.AfterFunc(10*time.Minute, func() { os.Exit(0) })
	os.Stdout.WriteString("ready\n")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		command(lines.Text())
	}
	os.Exit(0)
}

var prepared sync.Once

// Prepare runs one collection, so that the runtime has all its workers and has noted since when goroutines wait, and
// turns off further ones, so that nothing moves by itself. In this order: a collection that ends while they are off lets
// the runtime's scavenger go on. Settle does it too, unless it has been done.
func Prepare() {
	prepared.Do(func() {
		debug.FreeOSMemory()
		debug.SetGCPercent(-1)
	})
}

// scavengerRests tells whether the runtime's scavenger waits to be woken, not for a time to pass. A collection before the
// last may have set it going; it sleeps up to a second between its turns, and a program that sleeps looks settled then.
func scavengerRests() bool {
	debug.SetTraceback("system")
	defer debug.SetTraceback("single")
	dump := make([]byte, 1<<20) // it is one of the first goroutines, among which may be deep ones
	dump = dump[:runtime.Stack(dump, true)]
	for _, goroutine := range bytes.Split(dump, []byte("\n\n")) {
		if bytes.Contains(goroutine, []byte("runtime.bgscavenge(")) {
			return bytes.Contains(goroutine, []byte("[GC scavenge wait"))
		}
	}
	return true
}

func othersSleep() bool {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		fail(err.Error())
	}
	running := 0
	for _, task := range tasks {
		stat, err := os.ReadFile("/proc/self/task/" + task.Name() + "/stat")
		if err != nil {
			continue // it has just ended
		}
		state := stat[bytes.LastIndexByte(stat, ')')+2]
		if state != 'S' {
			running++
		}
	}
	return running <= 1
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, "specimen:", why)
	os.Exit(3)
}
