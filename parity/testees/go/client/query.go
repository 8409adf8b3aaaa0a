package client

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// ErrNested: a list that cannot be written so.
var ErrNested = errors.New("such a list cannot be written: formats are comma, repeat and brackets, and commas hold no lists or objects")

// Param is a key and its value: nil, a bool, a string, a fmt.Stringer, []any of them, or Params.
type Param struct {
	Key   string
	Value any
}

// Params keep their order.
type Params []Param

// FormatQuery writes params as a form is written. Arrays: comma, repeat or brackets; objects: dots or brackets. Nil and ""
// leave their key out. It fails with ErrNested.
func FormatQuery(params Params, arrays, objects string) (string, error) {
	pairs := []string{}
	err := eachPair(params, func(param Param) string { return param.Key }, arrays, objects, func(key, value string) {
		pairs = append(pairs, escape(key)+"="+escape(value))
	})
	return strings.Join(pairs, "&"), err
}

// escape leaves letters, digits and _.-~ as they are.
func escape(text string) string { return url.QueryEscape(text) }

func eachPair(params Params, name func(Param) string, arrays, objects string, put func(key, value string)) error {
	for _, param := range params {
		if err := onePair(name(param), param.Value, arrays, objects, put); err != nil {
			return err
		}
	}
	return nil
}

func onePair(key string, value any, arrays, objects string, put func(key, value string)) error {
	switch value := value.(type) {
	case Params:
		inner := func(param Param) string { return key + "[" + param.Key + "]" }
		if objects == "dots" {
			inner = func(param Param) string { return key + "." + param.Key }
		}
		return eachPair(value, inner, arrays, objects, put)
	case []any:
		return listPairs(key, value, arrays, objects, put)
	default:
		if text := queryText(value); text != "" {
			put(key, text)
		}
		return nil
	}
}

func listPairs(key string, list []any, arrays, objects string, put func(key, value string)) error {
	switch arrays {
	case "comma":
		texts := []string{}
		for _, item := range list {
			switch item.(type) {
			case Params, []any:
				return fmt.Errorf("%s: %w", key, ErrNested)
			case nil:
			default:
				texts = append(texts, queryText(item))
			}
		}
		put(key, strings.Join(texts, ","))
		return nil
	case "brackets":
		key += "[]"
	case "repeat":
	default:
		return fmt.Errorf("%s: %w", arrays, ErrNested)
	}
	for _, item := range list {
		if err := onePair(key, item, arrays, objects, put); err != nil {
			return err
		}
	}
	return nil
}

func queryText(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}
