module blindspot/tools/go-layouts

go 1.19
