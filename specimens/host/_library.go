package main

// Added to a specimen that is built as a library: C calls its main by this name (specimens/host/host.c).

import "C"

//export specimen_main
func specimen_main() {
	main()
}
