package main

// #cgo LDFLAGS: -luv -lrdkafka -lcrypto
// #include "innocents.h"
import "C"

import "time"

func startLibuv() {
	C.uv_begin()
}

func startLibrdkafka() {
	C.kafka_begin()
}

func startOpenssl() {
	C.crypto_begin()
	go func() {
		for ; ; time.Sleep(time.Millisecond) {
			C.crypto_work()
		}
	}()
}
