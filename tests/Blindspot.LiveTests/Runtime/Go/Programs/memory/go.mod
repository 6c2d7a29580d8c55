module blindspot/tests/memory

go 1.19
