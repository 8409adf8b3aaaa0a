package wire

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// rule is what the tags of one field say in one dialect.
type rule struct {
	index      int
	key        string
	required   bool // missing is refused
	nullable   bool
	hasDefault bool
	fallback   any // what missing stands for
	literal    string
	style      style
}

// style is what a field says about the values in it.
type style struct {
	min, max *float64 // inclusive
}

// plan is what the tags of one struct say in one dialect.
type plan struct {
	unknown string
	extra   int      // index of the Extra field, or -1
	choice  []string // keys of which exactly one is there
	rules   []rule
}

var plans sync.Map

func planOf(structure reflect.Type, dialect string) *plan {
	type key struct {
		structure reflect.Type
		dialect   string
	}
	if known, ok := plans.Load(key{structure, dialect}); ok {
		return known.(*plan)
	}
	made := &plan{unknown: "ignore", extra: -1}
	for index := range structure.NumField() {
		field := structure.Field(index)
		switch field.Type {
		case reflect.TypeFor[Message]():
			made.unknown = field.Tag.Get("unknown")
			made.choice = strings.Fields(field.Tag.Get("exactlyOne"))
		case reflect.TypeFor[Extra]():
			made.extra = index
		default:
			if only := field.Tag.Get("only"); only == "" || slices.Contains(strings.Fields(only), dialect) {
				made.rules = append(made.rules, ruleOf(field, index, dialect))
			}
		}
	}
	plans.Store(key{structure, dialect}, made)
	return made
}

func ruleOf(field reflect.StructField, index int, dialect string) rule {
	tag := field.Tag
	key, presence, _ := strings.Cut(tag.Get("wire"), ",")
	for _, entry := range strings.Fields(tag.Get("per")) {
		if name, other, _ := strings.Cut(entry, "="); name == dialect {
			presence = other
		}
	}
	made := rule{index: index, key: key, literal: tag.Get("literal")}
	made.style.min, made.style.max = bound(tag, "min"), bound(tag, "max")
	defaultIn := strings.Fields(tag.Get("defaultIn"))
	if text, ok := tag.Lookup("default"); ok && (len(defaultIn) == 0 || slices.Contains(defaultIn, dialect)) {
		value, err := Parse([]byte(text))
		if err != nil {
			panic(fmt.Sprintf("%s: default %s: %v", field.Name, text, err))
		}
		made.hasDefault, made.fallback = true, value
	}
	switch presence {
	case "always":
		made.required = !made.hasDefault
	case "null":
		made.required, made.nullable = !made.hasDefault, true
	case "omit_or_null":
		made.nullable = true
	case "omit":
	case "":
		if made.literal == "" {
			panic(field.Name + ": the tag has no presence")
		}
		made.required = tag.Get("required") == "true"
	default:
		panic(fmt.Sprintf("%s: unknown presence %q", field.Name, presence))
	}
	return made
}

func bound(tag reflect.StructTag, name string) *float64 {
	text, ok := tag.Lookup(name)
	if !ok {
		return nil
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err)
	}
	return &value
}

// check refuses a number out of bounds.
func (s style) check(path string, value float64) error {
	if s.min != nil && value < *s.min {
		return &Error{path, fmt.Sprintf("expected at least %v, got %v", *s.min, value)}
	}
	if s.max != nil && value > *s.max {
		return &Error{path, fmt.Sprintf("expected at most %v, got %v", *s.max, value)}
	}
	return nil
}
