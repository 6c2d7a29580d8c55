module blindspot/tests/frames

go 1.19
