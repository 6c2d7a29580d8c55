package main

// Added to a specimen that is built as a plugin: the host finds its main by this name (specimens/plugin-host).

func SpecimenMain() {
	main()
}
