package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json/jsontext"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// Marshal writes a message as a dialect writes it.
func Marshal(message any, dialect Dialect) ([]byte, error) {
	var out bytes.Buffer
	if err := encode(jsontext.NewEncoder(&out), reflect.ValueOf(message), dialect); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(out.Bytes()), nil
}

func encode(out *jsontext.Encoder, value reflect.Value, dialect Dialect) error {
	if value.CanAddr() || value.Kind() == reflect.Struct {
		if slot, ok := addressable(value).Addr().Interface().(slotted); ok {
			state, target := slot.slot()
			if *state != set {
				return out.WriteToken(jsontext.Null)
			}
			return encode(out, reflect.ValueOf(target).Elem(), dialect)
		}
	}
	if value.IsValid() && value.Type() == reflect.TypeFor[time.Time]() {
		return out.WriteToken(jsontext.String(formatTime(value.Interface().(time.Time))))
	}
	switch value.Kind() {
	case reflect.Interface, reflect.Pointer:
		if value.IsNil() {
			return out.WriteToken(jsontext.Null)
		}
		return encode(out, value.Elem(), dialect)
	case reflect.Invalid:
		return out.WriteToken(jsontext.Null)
	case reflect.Struct:
		return encodeStruct(out, addressable(value), dialect)
	case reflect.Map:
		keys := value.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return bytes.Compare([]byte(a.String()), []byte(b.String())) })
		return write(out, jsontext.BeginObject, jsontext.EndObject, func() error {
			for _, key := range keys {
				if err := out.WriteToken(jsontext.String(key.String())); err != nil {
					return err
				}
				if err := encode(out, value.MapIndex(key), dialect); err != nil {
					return err
				}
			}
			return nil
		})
	case reflect.Slice:
		if value.Type().Elem().Kind() == reflect.Uint8 {
			return out.WriteToken(jsontext.String(base64.StdEncoding.EncodeToString(value.Bytes())))
		}
		return write(out, jsontext.BeginArray, jsontext.EndArray, func() error {
			for index := range value.Len() {
				if err := encode(out, value.Index(index), dialect); err != nil {
					return err
				}
			}
			return nil
		})
	case reflect.String:
		if value.Type() == reflect.TypeFor[Number]() {
			return out.WriteValue(jsontext.Value(value.String()))
		}
		return out.WriteToken(jsontext.String(value.String()))
	case reflect.Bool:
		return out.WriteToken(jsontext.Bool(value.Bool()))
	case reflect.Float32, reflect.Float64:
		return out.WriteValue(jsontext.Value(strconv.FormatFloat(value.Float(), 'g', -1, value.Type().Bits())))
	}
	if value.CanInt() { // WriteToken(Int) would quote what a float64 cannot hold
		return out.WriteValue(jsontext.Value(strconv.FormatInt(value.Int(), 10)))
	}
	return fmt.Errorf("wire: cannot write %s", value.Type())
}

func encodeStruct(out *jsontext.Encoder, message reflect.Value, dialect Dialect) error {
	return write(out, jsontext.BeginObject, jsontext.EndObject, func() error {
		plan := planOf(message.Type(), dialect.Name)
		for _, rule := range plan.rules {
			value, there := rule.written(message.Field(rule.index), dialect)
			if !there {
				continue
			}
			if err := out.WriteToken(jsontext.String(rule.key)); err != nil {
				return err
			}
			if err := encode(out, reflect.ValueOf(value), dialect); err != nil {
				return err
			}
		}
		if plan.extra < 0 {
			return nil
		}
		extra := message.Field(plan.extra).Interface().(Extra)
		for _, key := range sortedKeys(extra) {
			if err := out.WriteToken(jsontext.String(key)); err != nil {
				return err
			}
			if err := encode(out, reflect.ValueOf(extra[key]), dialect); err != nil {
				return err
			}
		}
		return nil
	})
}

// written is what a field puts on the wire, and whether it puts anything there.
func (r rule) written(field reflect.Value, dialect Dialect) (any, bool) {
	if r.literal != "" {
		return r.literal, r.required || dialect.WriteLiterals
	}
	slot, hasStates := field.Addr().Interface().(slotted)
	if !hasStates {
		return field.Interface(), true
	}
	state, value := slot.slot()
	switch {
	case *state == set:
		return value, true
	case *state == null:
		return nil, dialect.WriteNull
	case dialect.Unset == UnsetOmit:
		return nil, false
	case dialect.Unset == UnsetNull && r.nullable:
		return nil, dialect.WriteNull
	case r.hasDefault && r.fallback == nil:
		return nil, dialect.WriteNull
	default:
		return r.fallback, r.hasDefault
	}
}

func write(out *jsontext.Encoder, begin, end jsontext.Token, body func() error) error {
	if err := out.WriteToken(begin); err != nil {
		return err
	}
	if err := body(); err != nil {
		return err
	}
	return out.WriteToken(end)
}

// addressable gives the value, or a copy of it that has an address.
func addressable(value reflect.Value) reflect.Value {
	if value.CanAddr() {
		return value
	}
	copied := reflect.New(value.Type()).Elem()
	copied.Set(value)
	return copied
}
