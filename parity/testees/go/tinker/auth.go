package tinker

import "samewire/parity/testees/go/wire"

// APIKeyOrgDetails is the organisation that an API key belongs to.
type APIKeyOrgDetails struct {
	_    wire.Message `unknown:"ignore"`
	Name string       `wire:"name,always"`
}
