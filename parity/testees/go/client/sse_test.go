package client

import "testing"

func TestEventDecoder(t *testing.T) {
	stream := "\ufeffevent: a\r\ndata: é\r\ndata:  2\r\n\r\n: note\nid: 7\nretry: 10\n\ndata: unfinished\n"
	for size := 1; size <= len(stream); size++ {
		var decoder EventDecoder
		events := []Event{}
		for begin := 0; begin < len(stream); begin += size {
			events = append(events, decoder.Feed([]byte(stream[begin:min(begin+size, len(stream))]))...)
		}
		events = append(events, decoder.End()...)
		if len(events) != 2 || events[0].Event != "a" || events[0].Data != "é\n 2" || events[0].ID != nil ||
			*events[1].ID != "7" || *events[1].Retry != 10 {
			t.Fatalf("in pieces of %d: got %+v", size, events)
		}
	}
}
