package client

import (
	"iter"

	"samewire/parity/testees/go/tinker"
)

// Limits bound one request of a batch: Len data, and Numbers of them together.
type Limits struct{ Len, Numbers int }

// Limits are those that a server of the dialect takes.
func (d *Dialect) Limits() Limits { return Limits{d.ChunkLen, d.ChunkNumbers} }

// CutChunks says how many data each chunk gets. A datum above the limit is a chunk by itself.
func CutChunks(sizes iter.Seq[int], limits Limits) []int {
	counts := []int{}
	held := 0
	for size := range sizes {
		if last := len(counts) - 1; last < 0 || counts[last] == limits.Len || held+size > limits.Numbers {
			counts = append(counts, 0)
			held = 0
		}
		counts[len(counts)-1]++
		held += size
	}
	return counts
}

// SendingOrder gives the chunks' numbers in the order of their sending: each waits for the promise of the one before.
func SendingOrder(first int64, chunks int) []int64 {
	order := make([]int64, chunks)
	for index := range order {
		order[index] = first + int64(index)
	}
	return order
}

// split cuts a batch into chunks.
func split(data []tinker.Datum, limits Limits) [][]tinker.Datum {
	chunks := [][]tinker.Datum{}
	for _, count := range CutChunks(sizes(data), limits) {
		chunks = append(chunks, data[:count])
		data = data[count:]
	}
	return chunks
}

func sizes(data []tinker.Datum) iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, datum := range data {
			if !yield(datumNumbers(datum)) {
				return
			}
		}
	}
}

func datumNumbers(datum tinker.Datum) int {
	numbers := InputLength(datum.ModelInput.Chunks)
	for _, tensor := range datum.LossFnInputs {
		switch values := tensor.Data.(type) {
		case tinker.Ints:
			numbers += len(values)
		case tinker.Floats:
			numbers += len(values)
		}
	}
	return numbers
}

// InputLength is the length of an input in tokens.
func InputLength(chunks []tinker.Chunk) int {
	length := 0
	for _, chunk := range chunks {
		switch chunk := chunk.(type) {
		case tinker.EncodedTextChunk:
			length += len(chunk.Tokens)
		case tinker.ImageChunk:
			length += int(chunk.Tokens)
		case tinker.ImageAssetPointerChunk:
			length += int(chunk.Tokens)
		}
	}
	return length
}
