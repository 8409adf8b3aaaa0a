package main

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"time"

	"samewire/parity/testees/go/client"
)

type said map[string]string

func (s said) header() http.Header {
	made := http.Header{}
	for name, value := range s {
		made.Set(name, value)
	}
	return made
}

func at(seconds float64) time.Time { return time.UnixMicro(int64(math.Round(seconds * 1e6))) }

func retryDecide(input struct {
	Status  int
	Headers said
}, dialect *client.Dialect) (any, error) {
	return client.RetryCall(input.Status, input.Headers.header(), dialect), nil
}

func retryDelay(input struct {
	Retry       int
	Headers     said
	Random, Now float64
}, _ *client.Dialect) (any, error) {
	return client.RetryDelay(input.Retry, input.Headers.header(), input.Random, at(input.Now)), nil
}

func submitDecide(input struct {
	Status, Attempt int
	ElapsedS        float64 `json:"elapsed_s"`
}, dialect *client.Dialect) (any, error) {
	delay, again := client.SubmitDelay(input.Status, input.Attempt, input.ElapsedS, dialect)
	if !again {
		return map[string]any{"retry": false}, nil
	}
	return map[string]any{"retry": true, "delay_s": delay}, nil
}

func samplingBackoff(input struct {
	Status  int
	Headers said
	Now     float64
}, dialect *client.Dialect) (any, error) {
	return client.SamplingPause(input.Status, input.Headers.header(), at(input.Now), dialect), nil
}

func samplingRetryDelay(input struct {
	Attempt int
	Random  float64
}, _ *client.Dialect) (any, error) {
	return client.SampleRetryDelay(input.Attempt, input.Random), nil
}

func urlJoin(input struct{ Base, Path string }, _ *client.Dialect) (any, error) {
	return client.JoinURL(input.Base, input.Path), nil
}

func queryFormat(input struct {
	Params          json.RawMessage
	Arrays, Objects string
}, _ *client.Dialect) (any, error) {
	if input.Arrays == "" {
		input.Arrays = "repeat"
	}
	params, _ := ordered(json.NewDecoder(bytes.NewReader(input.Params))).(client.Params)
	return client.FormatQuery(params, input.Arrays, input.Objects)
}

// ordered reads JSON with its objects as Params, since their order counts.
func ordered(decoder *json.Decoder) any {
	decoder.UseNumber()
	token, err := decoder.Token()
	if err != nil {
		panic(err)
	}
	switch token {
	case json.Delim('{'):
		params := client.Params{}
		for decoder.More() {
			key, _ := decoder.Token()
			params = append(params, client.Param{Key: key.(string), Value: ordered(decoder)})
		}
		_, _ = decoder.Token()
		return params
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			list = append(list, ordered(decoder))
		}
		_, _ = decoder.Token()
		return list
	}
	return token
}

func headersMerge(input struct{ Defaults, User, Call map[string]*string }, _ *client.Dialect) (any, error) {
	return client.MergeHeaders(input.Defaults, input.User, input.Call), nil
}

func configResolve(input struct {
	Args struct {
		BaseURL    string   `json:"base_url"`
		APIKey     string   `json:"api_key"`
		TimeoutS   *float64 `json:"timeout_s"`
		MaxRetries *int     `json:"max_retries"`
	}
	Env map[string]string
}, dialect *client.Dialect) (any, error) {
	config := client.Config{
		Dialect: dialect, BaseURL: input.Args.BaseURL, APIKey: input.Args.APIKey, MaxRetries: input.Args.MaxRetries,
	}
	if input.Args.TimeoutS != nil {
		config.Timeout = time.Duration(*input.Args.TimeoutS * float64(time.Second))
	}
	config, err := config.Resolve(func(name string) (string, bool) {
		value, set := input.Env[name]
		return value, set
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"base_url": config.BaseURL, "api_key": config.APIKey, "timeout_s": config.Timeout.Seconds(),
		"max_retries": *config.MaxRetries, "tags": config.Tags,
	}, nil
}

func errorKind(input struct {
	Status int
	Body   string
}, _ *client.Dialect) (any, error) {
	err := &client.StatusError{Status: input.Status, Body: input.Body}
	return map[string]string{"kind": err.Kind(), "message": err.Error()}, nil
}

func sseDecode(input struct{ Pieces [][]byte }, _ *client.Dialect) (any, error) {
	var decoder client.EventDecoder
	events := []client.Event{}
	for _, piece := range input.Pieces {
		events = append(events, decoder.Feed(piece)...)
	}
	told := []map[string]any{}
	for _, event := range append(events, decoder.End()...) {
		shown := map[string]any{"data": event.Data}
		if event.Event != "" {
			shown["event"] = event.Event
		}
		if event.ID != nil {
			shown["id"] = *event.ID
		}
		if event.Retry != nil {
			shown["retry"] = *event.Retry
		}
		told = append(told, shown)
	}
	return told, nil
}

func multipartEncode(input struct {
	Boundary string
	Fields   [][2]string
	Files    [][4]string
}, _ *client.Dialect) (any, error) {
	fields := []client.Field{}
	for _, field := range input.Fields {
		fields = append(fields, client.Field{Name: field[0], Text: field[1]})
	}
	files := []client.File{}
	for _, file := range input.Files {
		var content []byte
		if err := json.Unmarshal([]byte(`"`+file[3]+`"`), &content); err != nil {
			return nil, err
		}
		files = append(files, client.File{Name: file[0], Filename: file[1], Type: file[2], Content: content})
	}
	return string(client.EncodeMultipart(input.Boundary, fields, files)), nil
}
