package wire

import (
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"strings"
	"time"
)

// ISO 8601 with T or a blank, up to nine digits of a second, and a zone or none, which means UTC. time.Parse would take +24:00.
var iso8601 = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d{1,9})?([Zz]|[+-](?:[01]\d|2[0-3]):?\d\d)?$`)

var (
	firstTime = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	endOfTime = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
)

// decodeTime reads ISO 8601, or a number of seconds since 1970.
func decodeTime(path string, value any, into reflect.Value) error {
	var read time.Time
	switch v := value.(type) {
	case Number:
		seconds, ok := new(big.Rat).SetString(string(v))
		if !ok || len(v) > 40 {
			return refuse(path, "a time", value)
		}
		nanos := new(big.Rat).Mul(seconds, big.NewRat(1e9, 1))
		whole := new(big.Int).Quo(nanos.Num(), nanos.Denom())
		second, nano := new(big.Int).DivMod(whole, big.NewInt(1e9), new(big.Int))
		if !second.IsInt64() {
			return refuse(path, "a time", value)
		}
		read = time.Unix(second.Int64(), nano.Int64()).UTC()
	case string:
		parts := iso8601.FindStringSubmatch(v)
		if parts == nil {
			return refuse(path, "a time", value)
		}
		zone := strings.ToUpper(strings.ReplaceAll(parts[4], ":", ""))
		if zone == "" {
			zone = "Z"
		}
		var err error
		if read, err = time.Parse("2006-01-02T15:04:05Z0700", parts[1]+"T"+parts[2]+parts[3]+zone); err != nil {
			return refuse(path, "a time", value)
		}
	default:
		return refuse(path, "a time", value)
	}
	if read.Before(firstTime) || !read.Before(endOfTime) {
		return refuse(path, "a time of the years 1 to 9999", value)
	}
	into.Set(reflect.ValueOf(read.UTC()))
	return nil
}

// formatTime writes RFC 3339 in UTC with 0, 3, 6 or 9 digits of a second.
func formatTime(value time.Time) string {
	fraction := ""
	if nanos := value.Nanosecond(); nanos != 0 {
		fraction = fmt.Sprintf(".%09d", nanos)
		for strings.HasSuffix(fraction, "000") {
			fraction = fraction[:len(fraction)-3]
		}
	}
	return value.UTC().Format("2006-01-02T15:04:05") + fraction + "Z"
}
