module blindspot/tests/goroutines

go 1.19
