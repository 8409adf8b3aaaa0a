// Program testee answers the parity runner: frames on stdin and stdout, as proto/samewire/parity/v1/testee.proto has them.
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"samewire/parity/testees/go/client"
)

const window = 8

type hello struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Language string   `json:"language"`
	Dialects []string `json:"dialects"`
	Calls    []string `json:"calls"`
	Window   int      `json:"window"`
}

type request struct {
	ID      int64           `json:"id"`
	Call    string          `json:"call"`
	Dialect string          `json:"dialect"`
	Input   json.RawMessage `json:"input"`
}

// response has exactly one of its outcomes.
type response struct {
	ID          int64      `json:"id"`
	Result      *any       `json:"result,omitempty"`
	Rejected    *rejection `json:"rejected,omitempty"`
	Unsupported string     `json:"unsupported,omitempty"`
	Failed      string     `json:"failed,omitempty"`
}

type rejection struct {
	Reason string `json:"reason"`
	Kind   string `json:"kind,omitempty"`
	Path   string `json:"path,omitempty"`
}

func main() {
	log.SetFlags(0)
	if err := serve(os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// serve speaks until in ends and all is answered.
func serve(in io.Reader, out io.Writer) error {
	said := hello{
		Name: "go", Title: "Go " + strings.TrimPrefix(runtime.Version(), "go") + ", net/http", Language: "go",
		Calls: slices.Sorted(maps.Keys(calls)), Window: window,
	}
	for _, dialect := range client.Dialects {
		said.Dialects = append(said.Dialects, dialect.Name)
	}
	var mutex sync.Mutex
	write := func(message any) error {
		mutex.Lock()
		defer mutex.Unlock()
		return writeFrame(out, message)
	}
	if err := write(said); err != nil {
		return err
	}
	var running sync.WaitGroup
	defer running.Wait()
	buffered := bufio.NewReader(in)
	for {
		body, err := readFrame(buffered)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var asked request
		if err := json.Unmarshal(body, &asked); err != nil {
			return err
		}
		running.Go(func() {
			if err := write(answer(asked)); err != nil {
				log.Fatal(err)
			}
		})
	}
}

func readFrame(in io.Reader) ([]byte, error) {
	var length uint32
	if err := binary.Read(in, binary.BigEndian, &length); err != nil {
		return nil, err
	}
	body := make([]byte, length)
	_, err := io.ReadFull(in, body)
	return body, err
}

func writeFrame(out io.Writer, message any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	_, err = out.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...))
	return err
}

// answer gives the outcome of a request, whatever happens.
func answer(asked request) (made response) {
	made.ID = asked.ID
	defer func() {
		if broken := recover(); broken != nil {
			made = response{ID: asked.ID, Failed: fmt.Sprint(broken)}
		}
	}()
	call, dialect := calls[asked.Call], client.FindDialect(asked.Dialect)
	if call == nil || dialect == nil {
		made.Unsupported = fmt.Sprintf("there is no %s in %s", asked.Call, asked.Dialect)
		return made
	}
	result, err := call(context.Background(), asked.Input, dialect)
	var missing unsupported
	switch {
	case err == nil:
		made.Result = &result
	case errors.As(err, &missing):
		made.Unsupported = string(missing)
	default:
		if made.Rejected = refusal(err); made.Rejected == nil {
			made.Failed = err.Error()
		}
	}
	return made
}

// unsupported: the client has no such thing.
type unsupported string

func (u unsupported) Error() string { return string(u) }
