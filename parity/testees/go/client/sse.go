package client

import (
	"bytes"
	"strconv"
	"strings"
)

// Event is one server-sent event. Retry in milliseconds; nil where the field is not there.
type Event struct {
	Data  string
	Event string
	ID    *string
	Retry *int64
}

// EventDecoder feeds on bytes and gives events as soon as their blank line is there. Source: WHATWG HTML 9.2.
type EventDecoder struct {
	rest    []byte
	started bool
	data    []string
	event   *string
	id      *string
	retry   *int64
}

// Feed takes a piece of any size.
func (d *EventDecoder) Feed(piece []byte) []Event {
	d.rest = append(d.rest, piece...)
	return d.take(false)
}

// End takes a last \r for the end of its line. An event that was not finished is none.
func (d *EventDecoder) End() []Event { return d.take(true) }

var byteOrderMark = []byte("\ufeff")

func (d *EventDecoder) take(final bool) []Event {
	found := []Event{}
	if !d.started {
		if !final && len(d.rest) < len(byteOrderMark) && bytes.HasPrefix(byteOrderMark, d.rest) {
			return found // half a byte order mark may come to its end
		}
		d.rest = bytes.TrimPrefix(d.rest, byteOrderMark)
		d.started = true
	}
	for {
		end := bytes.IndexAny(d.rest, "\r\n")
		if end < 0 {
			return found
		}
		next := end + 1
		if d.rest[end] == '\r' {
			if next == len(d.rest) && !final {
				return found // its \n may come with the next piece
			}
			if next < len(d.rest) && d.rest[next] == '\n' {
				next++
			}
		}
		line := string(d.rest[:end])
		d.rest = d.rest[next:]
		if line == "" {
			found = append(found, d.dispatch()...)
		} else {
			d.line(line)
		}
	}
}

func (d *EventDecoder) line(line string) {
	name, value, _ := strings.Cut(strings.ToValidUTF8(line, "\ufffd"), ":")
	value = strings.TrimPrefix(value, " ")
	switch name {
	case "data":
		d.data = append(d.data, value)
	case "event":
		d.event = &value
	case "id":
		if !strings.Contains(value, "\x00") {
			d.id = &value
		}
	case "retry":
		if millis, err := strconv.ParseUint(value, 10, 63); err == nil && !strings.HasPrefix(value, "+") {
			signed := int64(millis)
			d.retry = &signed
		}
	}
}

func (d *EventDecoder) dispatch() []Event {
	if d.data == nil && d.event == nil && d.retry == nil {
		return nil
	}
	made := Event{Data: strings.Join(d.data, "\n"), ID: d.id, Retry: d.retry}
	if d.event != nil {
		made.Event = *d.event
	}
	d.data, d.event, d.retry = nil, nil, nil
	return []Event{made}
}
