module library-host

go 1.19
