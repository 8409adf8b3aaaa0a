package client

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// BaseURL and Timeout are those of a client that is told no others.
const (
	BaseURL = "https://tinker.thinkingmachines.dev/services/tinker-prod"
	Timeout = 60 * time.Second
)

// ErrNoAPIKey: there is no API key, neither given nor in the environment.
var ErrNoAPIKey = errors.New("no API key: give one, or set TINKER_API_KEY")

// Config is what one client is told; nothing is shared between clients, so that several keys work side by side.
type Config struct {
	Dialect *Dialect // nil: V041
	BaseURL string
	APIKey  string
	// Timeout of one HTTP call. 0: 60 s.
	Timeout time.Duration
	// MaxRetries of one HTTP call. nil: MaxRetries.
	MaxRetries   *int
	Tags         []string
	UserMetadata map[string]any
	// Headers of every call; nil takes one away.
	Headers map[string]*string
	// Telemetry: whether to report events. nil is true; TINKER_TELEMETRY can switch it off, too.
	Telemetry *bool
}

// Resolve fills in what is not told, from the environment (os.LookupEnv), then by custom. It fails with ErrNoAPIKey.
func (c Config) Resolve(lookup func(string) (string, bool)) (Config, error) {
	getenv := func(name string) string {
		value, _ := lookup(name)
		return value
	}
	if c.Dialect == nil {
		c.Dialect = V041
	}
	c.APIKey = first(c.APIKey, getenv("TINKER_API_KEY"))
	if c.APIKey == "" {
		return c, ErrNoAPIKey
	}
	c.BaseURL = first(c.BaseURL, getenv("TINKER_BASE_URL"), BaseURL)
	if c.Timeout == 0 {
		c.Timeout = Timeout
	}
	if c.MaxRetries == nil {
		c.MaxRetries = new(MaxRetries)
	}
	if c.Tags == nil {
		c.Tags = []string{}
		if text, set := lookup("TINKER_TAGS"); set {
			c.Tags = strings.Split(text, ",")
			slices.Sort(c.Tags)
			c.Tags = slices.Compact(c.Tags)
		}
	}
	wanted := c.Telemetry == nil || *c.Telemetry
	c.Telemetry = new(wanted && TelemetryEnabled(lookup("TINKER_TELEMETRY")))
	return c, nil
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// JoinURL puts a path behind the base's own; a whole URL stays as it is.
func JoinURL(base, path string) string {
	if strings.HasPrefix(path, "http://") || strings.HasPrefix(path, "https://") {
		return path
	}
	return strings.TrimRight(base, "/") + "/" + strings.TrimLeft(path, "/")
}

// TelemetryEnabled: unless TINKER_TELEMETRY says otherwise.
func TelemetryEnabled(value string, set bool) bool {
	return !set || slices.Contains([]string{"1", "true", "yes", "on"}, strings.ToLower(value))
}
