package wire

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io"
)

// Number is a JSON number as it was written, so that no digit is lost before a field says what it wants.
type Number string

// MaxDepth is how deep arrays and objects may nest.
const MaxDepth = 100

// Parse reads exactly one JSON text: nil, bool, string, Number, []any or map[string]any.
// A key that stands twice, invalid UTF-8, half a surrogate pair, a byte order mark, and text after the value are errors.
func Parse(data []byte) (any, error) {
	decoder := jsontext.NewDecoder(bytes.NewReader(data))
	value, err := parseValue(decoder, 0)
	if err != nil {
		return nil, jsonError(decoder, err)
	}
	if _, err := decoder.ReadToken(); err != io.EOF {
		return nil, &Error{Path: "$", Reason: "text after the JSON value"}
	}
	return value, nil
}

func parseValue(decoder *jsontext.Decoder, depth int) (any, error) {
	token, err := decoder.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case 'n':
		return nil, nil
	case 't', 'f':
		return token.Bool(), nil
	case '"':
		return token.String(), nil
	case '0':
		return Number(token.String()), nil
	}
	if depth == MaxDepth {
		return nil, fmt.Errorf("nested deeper than %d", MaxDepth)
	}
	if token.Kind() == '[' {
		list := []any{}
		for decoder.PeekKind() != ']' {
			item, err := parseValue(decoder, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		_, err = decoder.ReadToken()
		return list, err
	}
	object := map[string]any{}
	for decoder.PeekKind() != '}' {
		key, err := decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		name := key.String() // the token is only good until the next read
		if object[name], err = parseValue(decoder, depth+1); err != nil {
			return nil, err
		}
	}
	_, err = decoder.ReadToken()
	return object, err
}

func jsonError(decoder *jsontext.Decoder, err error) error {
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) && syntactic.Err != nil {
		err = syntactic.Err
	}
	path := "$"
	for token := range decoder.StackPointer().Tokens() {
		path += "." + token
	}
	return &Error{Path: path, Reason: err.Error()}
}

// describe names a JSON value in an error.
func describe(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		if len(v) > 40 {
			v = v[:40] + "…"
		}
		return fmt.Sprintf("%q", v)
	case []any:
		return fmt.Sprintf("a list of %d", len(v))
	case map[string]any:
		return fmt.Sprintf("an object of %d keys", len(v))
	default:
		return fmt.Sprint(v)
	}
}
