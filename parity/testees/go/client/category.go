package client

import (
	"slices"

	"samewire/parity/testees/go/tinker"
)

// ParseCategory reads whose fault a failure was; anything else is unknown.
func ParseCategory(text string, dialect *Dialect) tinker.RequestErrorCategory {
	rule := tinker.RequestErrorCategory("").WireEnum(dialect.Name)
	found, _ := rule.Find(text)
	return tinker.RequestErrorCategory(found)
}

// ParseQueueState reads why the server does not work yet; anything else is unknown.
func ParseQueueState(text string) tinker.QueueState {
	found, _ := tinker.QueueState("").WireEnum("").Find(text)
	return tinker.QueueState(found)
}

// RetriesFailure says whether the client itself sends anew what failed so; status 0: none is known. Source: tinker.md sections
// 3.4 and 4, seed 000 section 3.1.
func RetriesFailure(category tinker.RequestErrorCategory, status int, dialect *Dialect) bool {
	return dialect.RetriesFailed && retryable(category, status)
}

// retryable says whether it makes sense to ask again: not where the user is to blame, by category or by status.
func retryable(category tinker.RequestErrorCategory, status int) bool {
	return category != "user" && (status < 400 || status >= 500 || slices.Contains([]int{408, 410, 429}, status))
}
