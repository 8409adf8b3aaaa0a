module samewire/parity/testees/go

go 1.27
