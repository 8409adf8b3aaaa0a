// Program tinker is the client at the command line.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"samewire/parity/testees/go/client"
	"samewire/parity/testees/go/command"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx))
}

func run(ctx context.Context) int {
	service, err := client.New(client.Config{}, client.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		return command.Failed
	}
	defer service.Close()
	return command.Run(ctx, os.Args[1:], command.Console{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Service: service, Dialect: client.V041,
	})
}
