// Package tinker holds the messages of the Tinker API.
package tinker

import "samewire/parity/testees/go/wire"

// The generations of clients.
var (
	V041   = wire.Dialect{Name: "tinker-0.4.1", Unset: wire.UnsetOmit, WriteNull: true}
	V038   = wire.Dialect{Name: "tinker-0.38", Unset: wire.UnsetDefault, WriteLiterals: true}
	Tinkex = wire.Dialect{Name: "tinkex", Unset: wire.UnsetNull, WriteNull: true, WriteLiterals: true}

	Dialects = []wire.Dialect{V041, V038, Tinkex}
)
