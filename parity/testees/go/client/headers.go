package client

import (
	"net/http"
	"strings"
)

// MergeHeaders puts layers of headers together: later ones win without regard to case, nil removes. Names in lower case.
func MergeHeaders(layers ...map[string]*string) map[string]string {
	merged := map[string]string{}
	for _, layer := range layers {
		for name, value := range layer {
			if value == nil {
				delete(merged, strings.ToLower(name))
			} else {
				merged[strings.ToLower(name)] = *value
			}
		}
	}
	return merged
}

// headers are those of every call of a client.
func (c Config) headers() http.Header {
	agent := "AsyncTinker/Go "
	if c.Dialect.Envelope {
		agent = "Tinkex/Go "
	}
	made := http.Header{}
	made.Set("Accept", "application/json")
	made.Set("User-Agent", agent+c.Dialect.SDKVersion)
	made.Set("X-Stainless-Package-Version", c.Dialect.SDKVersion)
	made.Set("X-Stainless-Runtime", "go")
	made.Set("X-API-Key", c.APIKey)
	for name, value := range c.Headers {
		if value == "" {
			made.Del(name)
		} else {
			made.Set(name, value)
		}
	}
	return made
}
