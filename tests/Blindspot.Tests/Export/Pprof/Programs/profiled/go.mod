module blindspot.tests/profiled

go 1.19
