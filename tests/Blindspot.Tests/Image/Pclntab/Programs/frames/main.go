// Tells what Go's own runtime says of code addresses: reads "offset" lines, hexadecimal, relative to main.marker, and
// prints "offset function file line" of the innermost function there. Then prints the frames of a call that
// runtime.Callers sees, some of them inlined.
package main

import (
	"bufio"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strconv"
	"strings"
)

//go:noinline
func marker() {}

type shape interface{ area() int }

type square[T any] struct {
	side int
	rest T
}

func (s square[T]) area() int { return describe(s.side, s.rest) }

//go:noinline
func describe[T any](side int, rest T) int { return len(fmt.Sprint(rest)) + side }

var callers [64]uintptr
var count int

//go:noinline
func innermost(depth int) { count = runtime.Callers(0, callers[:]) + depth - depth }

func middle(depth int) { innermost(depth + 1) }

func outer(depth int) { middle(depth + 1) }

//go:noinline
func holder(depth int) { outer(depth + 1) }

func main() {
	base := reflect.ValueOf(marker).Pointer()
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		offset, err := strconv.ParseInt(in.Text(), 16, 64)
		if err != nil {
			continue
		}
		// One more than the address: these are taken for return addresses.
		frames := runtime.CallersFrames([]uintptr{uintptr(int64(base) + offset + 1)})
		frame, _ := frames.Next()
		fmt.Fprintf(out, "%s\t%s\t%s\t%d\n", in.Text(), frame.Function, frame.File, frame.Line)
	}

	var shapes []shape = []shape{square[string]{1, "x"}, square[[]int]{2, nil}}
	total := 0
	for _, s := range shapes {
		total += s.area()
	}
	fmt.Fprintln(out, strings.Repeat("-", total-total+3))
	func() { holder(0) }()
	frames := runtime.CallersFrames(callers[:count])
	for {
		frame, more := frames.Next()
		fmt.Fprintf(out, "%x\t%s\t%s\t%d\n", int64(frame.PC)-int64(base), frame.Function, frame.File, frame.Line)
		if !more {
			break
		}
	}
}
