package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"runtime/pprof"
)

var (
	isProfiling bool
	written     bytes.Buffer
)

func startProfile() {
	written.Reset()
	if err := pprof.StartCPUProfile(&written); err != nil {
		fail(err.Error())
	}
	isProfiling = true
}

// stopProfile returns how many samples there are of threads that Go knows, and of those that it does not: these are told
// under a function "_ExternalCode", or "_LostExternalCode" when there were too many.
func stopProfile() (own, foreign int64) {
	pprof.StopCPUProfile()
	isProfiling = false
	unpacker, err := gzip.NewReader(&written)
	if err != nil {
		fail(err.Error())
	}
	data, err := io.ReadAll(unpacker)
	if err != nil {
		fail(err.Error())
	}
	return countSamples(data)
}

// The fields of profile.proto that are needed here.
const (
	profileSample, profileLocation, profileFunction, profileString = 2, 4, 5, 6
	sampleLocation, sampleValue                                    = 1, 2
	locationID, locationLine                                       = 1, 4
	lineFunction                                                   = 1
	functionID, functionName                                       = 1, 2
)

func countSamples(data []byte) (own, foreign int64) {
	var names []string
	functions := map[uint64]uint64{}
	outside := map[uint64]bool{}
	eachField(data, func(field int, _ uint64, text []byte) {
		switch field {
		case profileString:
			names = append(names, string(text))
		case profileFunction:
			functions[numbers(text, functionID)[0]] = append(numbers(text, functionName), 0)[0]
		}
	})
	eachField(data, func(field int, _ uint64, location []byte) {
		if field != profileLocation {
			return
		}
		eachField(location, func(field int, _ uint64, line []byte) {
			if field == locationLine {
				name := names[functions[numbers(line, lineFunction)[0]]]
				if name == "runtime._ExternalCode" || name == "runtime._LostExternalCode" {
					outside[numbers(location, locationID)[0]] = true
				}
			}
		})
	})
	eachField(data, func(field int, _ uint64, sample []byte) {
		if field != profileSample {
			return
		}
		count := int64(numbers(sample, sampleValue)[0])
		for _, location := range numbers(sample, sampleLocation) {
			if outside[location] {
				foreign += count
				return
			}
		}
		own += count
	})
	return own, foreign
}

// numbers returns the values of a field of numbers, written one by one or packed.
func numbers(message []byte, wanted int) (values []uint64) {
	eachField(message, func(field int, value uint64, packed []byte) {
		if field != wanted {
			return
		}
		if packed == nil {
			values = append(values, value)
		}
		for len(packed) > 0 {
			value, length := binary.Uvarint(packed)
			values, packed = append(values, value), packed[length:]
		}
	})
	return values
}

// eachField goes through a message of protocol buffers; text is nil for a number.
func eachField(message []byte, visit func(field int, value uint64, text []byte)) {
	for len(message) > 0 {
		key, length := binary.Uvarint(message)
		message = message[length:]
		value, length := binary.Uvarint(message)
		message = message[length:]
		if key&7 == 0 {
			visit(int(key>>3), value, nil)
			continue
		}
		visit(int(key>>3), 0, message[:value:value])
		message = message[value:]
	}
}
