// Package wire reads and writes JSON whose rules differ between generations of clients ("dialects").
//
// A message is a struct; its tags say how each field looks:
//
//	type LoadWeightsRequest struct {
//		_         wire.Message     `unknown:"forbid"`
//		ModelID   string           `wire:"model_id,always"`
//		SeqID     wire.Opt[int64]  `wire:"seq_id,omit_or_null"`
//		Optimizer wire.Opt[bool]   `wire:"optimizer,always" default:"false" only:"tinker-0.38 tinkex"`
//		Type      wire.Literal     `wire:"type" literal:"load_weights"`
//	}
//
// `wire` is the key and the presence: always (a value), null (or null), omit (or missing), omit_or_null (or either).
// `per:"tinker-0.38=null"` changes the presence in one dialect, `defaultIn` limits the default to some, and `only` the field.
// `min` and `max` bound numbers. A literal with `required:"true"` must be there, and every dialect writes it.
package wire

// Unset says what a writer does with a field that was never set.
type Unset int

const (
	// UnsetOmit leaves it out.
	UnsetOmit Unset = iota
	// UnsetDefault writes its default, if it has one.
	UnsetDefault
	// UnsetNull writes null where the field may be null, else its default.
	UnsetNull
)

// Dialect is one generation of clients.
type Dialect struct {
	Name          string
	Unset         Unset
	WriteNull     bool
	WriteLiterals bool
}

// Message is the type of the blank field whose tags hold for the whole struct: `unknown:"forbid"`, "ignore" or "keep", and
// `exactlyOne` with the keys of which there is one.
type Message struct{}

// Literal is the type of a field that has one value only, given by its tag `literal`.
type Literal struct{}

// Enum is a string type of which only some values are allowed.
type Enum interface{ WireEnum(dialect string) EnumRule }

// EnumRule says which strings an enum has in a dialect, and what a reader does with others.
type EnumRule struct {
	Values []string
	// Fallback is what any other string is read as; empty refuses it.
	Fallback   string
	IgnoreCase bool
}

// Extra holds the unknown keys of a message with `unknown:"keep"`.
type Extra map[string]any

// Error tells where a JSON text breaks which rule.
type Error struct{ Path, Reason string }

func (e *Error) Error() string { return e.Path + ": " + e.Reason }

type state int

const (
	unset state = iota
	null
	set
)

// Opt is a field that can be missing or null. Its zero value is missing.
type Opt[T any] struct {
	state state
	value T
}

// Some is a field that holds a value.
func Some[T any](value T) Opt[T] { return Opt[T]{set, value} }

// Null is a field that is there and null.
func Null[T any]() Opt[T] { return Opt[T]{state: null} }

// Get gives the value and whether there is one.
func (o Opt[T]) Get() (T, bool) { return o.value, o.state == set }

// IsNull tells null from missing.
func (o Opt[T]) IsNull() bool { return o.state == null }

func (o *Opt[T]) slot() (*state, any) { return &o.state, &o.value }

// slotted is an Opt of any type, as the codec sees it.
type slotted interface{ slot() (*state, any) }
