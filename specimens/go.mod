module blindspot.specimens

go 1.19
