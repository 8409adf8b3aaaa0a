package wire

import (
	"encoding/base64"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Unmarshal reads one JSON text of a dialect into a message; every error is an *Error.
func Unmarshal(data []byte, dialect Dialect, into any) error {
	tree, err := Parse(data)
	if err != nil {
		return err
	}
	return decode("$", tree, dialect.Name, style{}, reflect.ValueOf(into).Elem())
}

func refuse(path, expected string, got any) error {
	return &Error{path, fmt.Sprintf("expected %s, got %s", expected, describe(got))}
}

func decode(path string, value any, dialect string, style style, into reflect.Value) error {
	if field, ok := into.Addr().Interface().(slotted); ok { // an Opt inside a list: null is an item like any other
		return decodeSlot(path, value, true, dialect, style, field)
	}
	if union := unionOf(into.Type()); union != nil {
		return union.decode(path, value, dialect, style, into)
	}
	if into.Type() == reflect.TypeFor[time.Time]() {
		return decodeTime(path, value, into)
	}
	switch into.Kind() {
	case reflect.Interface: // any
		if value != nil {
			into.Set(reflect.ValueOf(value))
		}
		return nil
	case reflect.Struct:
		object, ok := value.(map[string]any)
		if !ok {
			return refuse(path, "an object", value)
		}
		return decodeStruct(path, object, dialect, into)
	case reflect.Map:
		object, ok := value.(map[string]any)
		if !ok {
			return refuse(path, "an object", value)
		}
		into.Set(reflect.MakeMap(into.Type()))
		for _, key := range sortedKeys(object) {
			item := reflect.New(into.Type().Elem()).Elem()
			if err := decode(path+"."+key, object[key], dialect, style, item); err != nil {
				return err
			}
			into.SetMapIndex(reflect.ValueOf(key), item)
		}
		return nil
	case reflect.Slice:
		if into.Type().Elem().Kind() == reflect.Uint8 {
			return decodeBytes(path, value, into)
		}
		list, ok := value.([]any)
		if !ok {
			return refuse(path, "a list", value)
		}
		into.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
		for index, item := range list {
			if err := decode(fmt.Sprintf("%s[%d]", path, index), item, dialect, style, into.Index(index)); err != nil {
				return err
			}
		}
		return nil
	case reflect.String:
		text, ok := value.(string)
		if !ok {
			return refuse(path, "a string", value)
		}
		if enum, ok := into.Interface().(Enum); ok {
			rule := enum.WireEnum(dialect)
			if text, ok = rule.Find(text); !ok {
				return refuse(path, "one of "+strings.Join(rule.Values, ", "), value)
			}
		}
		into.SetString(text)
		return nil
	case reflect.Bool:
		flag, ok := value.(bool)
		if !ok {
			return refuse(path, "true or false", value)
		}
		into.SetBool(flag)
		return nil
	default:
		return decodeNumber(path, value, style, into)
	}
}

func decodeStruct(path string, object map[string]any, dialect string, into reflect.Value) error {
	plan := planOf(into.Type(), dialect)
	known := map[string]bool{}
	for _, rule := range plan.rules {
		known[rule.key] = true
		value, there := object[rule.key]
		at := path + "." + rule.key
		field := into.Field(rule.index)
		slot, hasStates := field.Addr().Interface().(slotted)
		var err error
		switch {
		case !there && rule.required:
			err = &Error{at, "missing"}
		case !there:
		case rule.literal != "":
			if value != rule.literal {
				err = refuse(at, strconv.Quote(rule.literal), value)
			}
		case hasStates:
			err = decodeSlot(at, value, rule.nullable, dialect, rule.style, slot)
		default:
			err = decode(at, value, dialect, rule.style, field)
		}
		if err != nil {
			return err
		}
	}
	if err := plan.choose(path, object); err != nil {
		return err
	}
	for _, key := range sortedKeys(object) {
		switch {
		case known[key] || plan.unknown == "ignore":
		case plan.unknown == "keep":
			extra := into.Field(plan.extra).Addr().Interface().(*Extra)
			if *extra == nil {
				*extra = Extra{}
			}
			(*extra)[key] = object[key]
		default:
			return &Error{path + "." + key, "unknown key"}
		}
	}
	return nil
}

// choose refuses none and several of the keys of which there is exactly one; null is none.
func (p *plan) choose(path string, object map[string]any) error {
	there := 0
	for _, key := range p.choice {
		if object[key] != nil {
			there++
		}
	}
	if len(p.choice) > 0 && there != 1 {
		return &Error{path, fmt.Sprintf("expected exactly one of %s, got %d", strings.Join(p.choice, ", "), there)}
	}
	return nil
}

func decodeSlot(path string, value any, nullable bool, dialect string, style style, slot slotted) error {
	state, target := slot.slot()
	if value == nil && nullable {
		*state = null
		return nil
	}
	*state = set
	return decode(path, value, dialect, style, reflect.ValueOf(target).Elem())
}

// Find gives the value that a text is read as, and whether there is one.
func (r EnumRule) Find(text string) (string, bool) {
	for _, value := range r.Values {
		if value == text || r.IgnoreCase && value == strings.ToLower(text) {
			return value, true
		}
	}
	return r.Fallback, r.Fallback != ""
}

func decodeBytes(path string, value any, into reflect.Value) error {
	text, ok := value.(string)
	if !ok {
		return refuse(path, "base64", value)
	}
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		return refuse(path, "base64", value)
	}
	into.SetBytes(data)
	return nil
}

func decodeNumber(path string, value any, style style, into reflect.Value) error {
	number, ok := value.(Number)
	if !ok {
		return refuse(path, "a number", value)
	}
	switch {
	case into.CanInt():
		parsed, err := strconv.ParseInt(string(number), 10, into.Type().Bits())
		if err != nil {
			return refuse(path, fmt.Sprintf("an integer of %d bits", into.Type().Bits()), value)
		}
		into.SetInt(parsed)
		return style.check(path, float64(parsed))
	case into.CanFloat():
		parsed, err := strconv.ParseFloat(string(number), into.Type().Bits())
		if err != nil || math.IsNaN(parsed) || math.IsInf(parsed, 0) {
			return refuse(path, "a finite number", value)
		}
		into.SetFloat(parsed)
		return style.check(path, parsed)
	default:
		panic("wire: cannot read " + into.Type().String())
	}
}

func sortedKeys(object map[string]any) []string {
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
