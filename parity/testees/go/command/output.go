package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"samewire/parity/testees/go/wire"
)

// json writes messages as the dialect has them, for programs.
func (c *Console) json(value any) error {
	text, err := wire.Marshal(value, c.Dialect.Dialect)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.Out, out.String())
	return err
}

// table writes rows for people, the first of them the columns' names.
func (c *Console) table(title string, rows [][]string) error {
	if title != "" {
		if _, err := fmt.Fprintln(c.Out, title); err != nil {
			return err
		}
	}
	out := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		if _, err := fmt.Fprintln(out, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	return out.Flush()
}
