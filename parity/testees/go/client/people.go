package client

import (
	"fmt"
	"strconv"
	"time"

	"samewire/parity/testees/go/wire"
)

// FormatSize is a number of bytes for people: "2.0 KB". Source: tinker.md section 3.11.
func FormatSize(bytes int64) string {
	if bytes < 0 {
		return "N/A"
	}
	if bytes < 1024 {
		return fmt.Sprintf("%d B", bytes)
	}
	left := float64(bytes)
	for _, unit := range []string{"KB", "MB", "GB", "TB", "PB"} {
		if left /= 1024; left < 1024 {
			return fmt.Sprintf("%.1f %s", left, unit)
		}
	}
	return fmt.Sprintf("%.1f EB", left/1024)
}

// FormatTime tells how long ago something was, up to 30 days; else the day. What is no time is shown as it is.
func FormatTime(text string, now time.Time) string {
	if text == "" {
		return "N/A"
	}
	var then time.Time
	if wire.Unmarshal([]byte(strconv.Quote(text)), wire.Dialect{}, &then) != nil {
		return text
	}
	past := now.Sub(then)
	days := int(past / (24 * time.Hour))
	switch {
	case past < 0:
		return "just now"
	case days > 30:
		return then.UTC().Format(time.DateOnly)
	case days > 7:
		return ago(days/7, "week")
	case days > 0:
		return ago(days, "day")
	case past > time.Hour:
		return ago(int(past/time.Hour), "hour")
	case past > time.Minute:
		return ago(int(past/time.Minute), "minute")
	}
	return "just now"
}

func ago(count int, unit string) string {
	if count > 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s ago", count, unit)
}
