package wire

import (
	"reflect"
	"strings"
	"sync"
)

// Arm is one form of a union: a message or a list, and the value of its tag where the union has one.
type Arm struct {
	Tag  string
	Type reflect.Type
	// Only these dialects have it; none means all.
	Only []string
}

// ArmOf makes an Arm of the Go type T.
func ArmOf[T any](tag string, only ...string) Arm { return Arm{tag, reflect.TypeFor[T](), only} }

// Union says which types can stand where a Go interface stands.
type Union struct {
	// Tag is the key that tells the arms apart; empty when their form does. With Untagged, a missing tag is told by form.
	Tag      string
	Untagged bool
	Arms     []Arm
}

var unions sync.Map

// Register makes the interface I a union. Call it from a package variable.
func Register[I any](union Union) bool {
	unions.Store(reflect.TypeFor[I](), &union)
	return true
}

func unionOf(of reflect.Type) *Union {
	if union, ok := unions.Load(of); ok {
		return union.(*Union)
	}
	return nil
}

func (u *Union) decode(path string, value any, dialect string, style style, into reflect.Value) error {
	if u.Tag != "" {
		object, ok := value.(map[string]any)
		if !ok {
			return refuse(path, "an object", value)
		}
		tag, there := object[u.Tag]
		if there || !u.Untagged {
			return u.decodeTagged(path, object, tag, there, dialect, style, into)
		}
	}
	reasons := []string{}
	for _, arm := range u.Arms {
		if !arm.in(dialect) {
			continue
		}
		target := reflect.New(arm.Type).Elem()
		err := decode(path, value, dialect, style, target)
		if err == nil {
			into.Set(target)
			return nil
		}
		reasons = append(reasons, err.Error())
	}
	return &Error{path, "none of the forms fits: " + strings.Join(reasons, "; ")}
}

func (u *Union) decodeTagged(path string, object map[string]any, tag any, there bool, dialect string, style style, into reflect.Value) error {
	at := path + "." + u.Tag
	if !there {
		return &Error{at, "missing"}
	}
	tags := []string{}
	for _, arm := range u.Arms {
		if !arm.in(dialect) {
			continue
		}
		if arm.Tag == tag {
			target := reflect.New(arm.Type).Elem()
			if err := decode(path, object, dialect, style, target); err != nil {
				return err
			}
			into.Set(target)
			return nil
		}
		tags = append(tags, arm.Tag)
	}
	return refuse(at, "one of "+strings.Join(tags, ", "), tag)
}

func (a Arm) in(dialect string) bool {
	for _, name := range a.Only {
		if name == dialect {
			return true
		}
	}
	return len(a.Only) == 0
}
