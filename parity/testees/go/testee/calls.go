package main

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"

	"samewire/parity/testees/go/client"
	"samewire/parity/testees/go/tinker"
	"samewire/parity/testees/go/wire"
)

// call answers one request of docs/cases.md.
type call func(ctx context.Context, input json.RawMessage, dialect *client.Dialect) (any, error)

// of makes a call of a function whose input is JSON of type I.
func of[I any](answer func(input I, dialect *client.Dialect) (any, error)) call {
	return func(_ context.Context, raw json.RawMessage, dialect *client.Dialect) (any, error) {
		var input I
		if err := json.Unmarshal(raw, &input); err != nil {
			return nil, err
		}
		return answer(input, dialect)
	}
}

var calls = map[string]call{
	"scenario":             scenario,
	"codec":                of(codec),
	"metrics.reduce":       of(metricsReduce),
	"outputs.combine":      of(outputsCombine),
	"chunks.split":         of(chunksSplit),
	"chunks.order":         of(chunksOrder),
	"input.length":         of(inputLength),
	"tensor.make":          of(tensorMake),
	"datum.make":           of(datumMake),
	"retry.decide":         of(retryDecide),
	"retry.delay":          of(retryDelay),
	"submit.decide":        of(submitDecide),
	"poll.decide":          of(pollDecide),
	"category.parse":       of(categoryParse),
	"category.retryable":   of(categoryRetryable),
	"queue.parse":          of(queueParse),
	"sampling.backoff":     of(samplingBackoff),
	"sampling.retry_delay": of(samplingRetryDelay),
	"path.parse":           of(pathParse),
	"url.join":             of(urlJoin),
	"query.format":         of(queryFormat),
	"headers.merge":        of(headersMerge),
	"config.resolve":       of(configResolve),
	"error.kind":           of(errorKind),
	"sse.decode":           of(sseDecode),
	"multipart.encode":     of(multipartEncode),
	"telemetry.enabled":    of(telemetryEnabled),
	"telemetry.batches":    of(telemetryBatches),
	"telemetry.exception":  of(telemetryException),
	"telemetry.index":      of(telemetryIndex),
	"pages.plan":           of(pagesPlan),
	"cli.size":             of(cliSize),
	"cli.time":             of(cliTime),
}

// Refusals that docs/cases.md names.
var refusals = map[error]string{
	client.ErrMetricKey:   "bad_key",
	client.ErrZeroWeight:  "zero_weight",
	client.ErrDtype:       "dtype",
	client.ErrUnknownName: "unknown_name",
	client.ErrPath:        "bad_path",
	client.ErrNested:      "nested",
	client.ErrNoAPIKey:    "no_api_key",
}

func refusal(err error) *rejection {
	var invalid *wire.Error
	if errors.As(err, &invalid) {
		return &rejection{Reason: invalid.Reason, Kind: "invalid", Path: invalid.Path}
	}
	for known, kind := range refusals {
		if errors.Is(err, known) {
			return &rejection{Reason: err.Error(), Kind: kind}
		}
	}
	return nil
}

type codecInput struct {
	Message    string  `json:"message"`
	JSON       *string `json:"json"`
	JSONBase64 []byte  `json:"json_base64"`
}

func codec(input codecInput, dialect *client.Dialect) (any, error) {
	message := tinker.Messages[input.Message]
	if message == nil {
		return nil, unsupported(input.Message + " is not implemented")
	}
	text := input.JSONBase64
	if input.JSON != nil {
		text = []byte(*input.JSON)
	}
	value := reflect.New(message)
	if err := wire.Unmarshal(text, dialect.Dialect, value.Interface()); err != nil {
		return nil, err
	}
	written, err := wire.Marshal(value.Interface(), dialect.Dialect)
	return map[string]string{"json": string(written)}, err
}

// read makes a message of JSON; its errors are refusals.
func read[M any](raw json.RawMessage, dialect *client.Dialect) (M, error) {
	var message M
	return message, wire.Unmarshal(raw, dialect.Dialect, &message)
}

// show writes messages, lists, and maps as JSON.
func show(value any, dialect *client.Dialect) (any, error) {
	text, err := wire.Marshal(value, dialect.Dialect)
	return json.RawMessage(text), err
}
