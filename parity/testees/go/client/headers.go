package client

import (
	"runtime"
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

// ownHeaders are those of every call of a client. Source: tinker.md section 1.2.
func (c Config) ownHeaders() map[string]*string {
	agent := "AsyncTinker/Go "
	if c.Dialect.Envelope {
		agent = "Tinkex/Go "
	}
	return map[string]*string{
		"accept":                      new("application/json"),
		"user-agent":                  new(agent + c.Dialect.SDKVersion),
		"x-stainless-package-version": new(c.Dialect.SDKVersion),
		"x-stainless-os":              new(systemName()),
		"x-stainless-arch":            new(runtime.GOARCH),
		"x-stainless-runtime":         new("go"),
		"x-stainless-runtime-version": new(strings.TrimPrefix(runtime.Version(), "go")),
		"x-stainless-async":           new("async:goroutine"),
		"x-api-key":                   new(c.APIKey),
	}
}

// systemName is what the service knows the system by: "Linux", "Darwin" or "Windows".
func systemName() string { return strings.ToUpper(runtime.GOOS[:1]) + runtime.GOOS[1:] }
