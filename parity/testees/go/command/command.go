// Package command is the client at the command line: `tinker [-f table|json] run list`. Source: tinker.md section 3.11.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"samewire/parity/testees/go/client"
)

// Exit codes.
const (
	Good   = 0
	Failed = 1
	Misuse = 2
)

const help = `tinker [-f table|json] COMMAND
  version
  run list [--limit N]             0: all of them
  run info RUN
  checkpoint list [--run-id RUN] [--limit N]
  checkpoint info|publish|unpublish PATH
  checkpoint delete PATH [-y]
Example: tinker -f json checkpoint list --limit 5
`

// Console is where a command reads and writes, and the client by which it asks.
type Console struct {
	In       io.Reader
	Out, Err io.Writer
	Service  *client.ServiceClient
	Dialect  *client.Dialect
	asJSON   bool
	limit    int
	run      string
	unasked  bool
}

// errUsage: a command that there is not, or not so.
var errUsage = errors.New("usage")

// action is a command with its words, how many it takes, and its options.
type action struct {
	words   int
	options []string
	do      func(ctx context.Context, console *Console, words []string) error
}

var actions = map[string]action{
	"version":              {0, nil, version},
	"run list":             {0, []string{"limit"}, runList},
	"run info":             {1, nil, runInfo},
	"checkpoint list":      {0, []string{"limit", "run-id"}, checkpointList},
	"checkpoint info":      {1, nil, checkpointInfo},
	"checkpoint publish":   {1, nil, checkpointPublish},
	"checkpoint unpublish": {1, nil, checkpointUnpublish},
	"checkpoint delete":    {1, []string{"y"}, checkpointDelete},
}

// Run does one command and gives its exit code. What a failed command says goes to Err only.
func Run(ctx context.Context, args []string, console Console) int {
	err := run(ctx, args, &console)
	switch {
	case err == nil:
		return Good
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(console.Out, help)
		return Good
	case errors.Is(err, errUsage):
		fmt.Fprintf(console.Err, "Error: %v\n%s", err, help)
		return Misuse
	default:
		fmt.Fprintln(console.Err, "Error: "+explain(err))
		return Failed
	}
}

func run(ctx context.Context, args []string, console *Console) error {
	global := options("tinker")
	format := global.String("format", "table", "")
	global.StringVar(format, "f", "table", "")
	if err := parse(global, args); err != nil {
		return err
	}
	if !slices.Contains([]string{"table", "json"}, *format) {
		return fmt.Errorf("%w: there is no format %q", errUsage, *format)
	}
	console.asJSON = *format == "json"
	name, rest := named(global.Args())
	made, known := actions[name]
	if !known {
		return fmt.Errorf("%w: there is no command %q", errUsage, strings.Join(global.Args(), " "))
	}
	words, err := console.parse(name, made, rest)
	if err != nil {
		return err
	}
	return made.do(ctx, console, words)
}

// named takes the command from the words: two, or one of the commands of one.
func named(words []string) (string, []string) {
	count := min(2, len(words))
	if len(words) > 0 && words[0] == "version" {
		count = 1
	}
	return strings.Join(words[:count], " "), words[count:]
}

// parse reads options before and behind the words of a command.
func (c *Console) parse(name string, made action, rest []string) ([]string, error) {
	set := options(name)
	for _, option := range made.options {
		switch option {
		case "limit":
			set.IntVar(&c.limit, "limit", 20, "")
		case "run-id":
			set.StringVar(&c.run, "run-id", "", "")
		case "y":
			set.BoolVar(&c.unasked, "y", false, "")
			set.BoolVar(&c.unasked, "yes", false, "")
		}
	}
	words := []string{}
	for {
		if err := parse(set, rest); err != nil {
			return nil, err
		}
		if rest = set.Args(); len(rest) == 0 {
			break
		}
		words, rest = append(words, rest[0]), rest[1:]
	}
	if len(words) != made.words {
		return nil, fmt.Errorf("%w: %s takes %d words, got %d", errUsage, name, made.words, len(words))
	}
	return words, nil
}

func options(name string) *flag.FlagSet {
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	return set
}

func parse(set *flag.FlagSet, args []string) error {
	if err := set.Parse(args); err != nil && !errors.Is(err, flag.ErrHelp) {
		return fmt.Errorf("%w: %s", errUsage, err)
	} else if err != nil {
		return err
	}
	return nil
}

// errNotFound: the run has no such checkpoint.
var errNotFound = errors.New("Checkpoint not found") //nolint:staticcheck // as the service's own command says it

var sayings = map[int]string{
	400: "Invalid request",
	401: "Authentication failed",
	403: "Permission denied",
	404: "Resource not found",
	408: "Request timeout",
	422: "Invalid data provided",
	429: "Rate limit exceeded",
}

// explain says an error in words, and what the service said behind it.
func explain(err error) string {
	var said *client.StatusError
	var lost *client.ConnectionError
	switch {
	case errors.As(err, &said):
		saying, known := sayings[said.Status]
		switch {
		case said.Status >= 500:
			saying = "Internal server error"
		case !known:
			saying = fmt.Sprintf("API error (status %d)", said.Status)
		}
		return saying + "\nDetails: " + said.Error()
	case errors.As(err, &lost) && lost.Timeout:
		return "Request timeout\nDetails: " + err.Error()
	case errors.As(err, &lost):
		return "Connection failed\nDetails: " + err.Error()
	default:
		return err.Error()
	}
}
