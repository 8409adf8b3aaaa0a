package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"samewire/parity/testees/go/tinker"
)

const archiveLives = 15 * time.Minute

// RestClient lists training runs and checkpoints. Each call is tried again as a whole submit is. Source: tinker.md sections
// 1.4, 2.8 and 3.12.
type RestClient struct{ session *session }

// TrainingRuns gives one page; the service's own limit is 20.
func (c *RestClient) TrainingRuns(ctx context.Context, limit, offset int) (tinker.TrainingRunsResponse, error) {
	return fetch[tinker.TrainingRunsResponse](ctx, c.session, "/api/v1/training_runs", page(limit, offset))
}

// TrainingRun gives one run.
func (c *RestClient) TrainingRun(ctx context.Context, run string) (tinker.TrainingRun, error) {
	return fetch[tinker.TrainingRun](ctx, c.session, "/api/v1/training_runs/"+url.PathEscape(run), "")
}

// Checkpoints gives all of a run.
func (c *RestClient) Checkpoints(ctx context.Context, run string) (tinker.CheckpointsListResponse, error) {
	path := "/api/v1/training_runs/" + url.PathEscape(run) + "/checkpoints"
	return fetch[tinker.CheckpointsListResponse](ctx, c.session, path, "")
}

// UserCheckpoints gives one page of all of the user's; the service's own limit is 100.
func (c *RestClient) UserCheckpoints(ctx context.Context, limit, offset int) (tinker.CheckpointsListResponse, error) {
	return fetch[tinker.CheckpointsListResponse](ctx, c.session, "/api/v1/checkpoints", page(limit, offset))
}

// WeightsInfo says what a checkpoint was made from; 0.4.1 has no such call.
func (c *RestClient) WeightsInfo(ctx context.Context, path string) (tinker.WeightsInfoResponse, error) {
	return persist(ctx, c.session, func() (tinker.WeightsInfoResponse, error) {
		request := tinker.WeightsInfoRequest{TinkerPath: path}
		return ask[tinker.WeightsInfoResponse](ctx, c.session, "weights_info", request)
	})
}

// ArchiveURL says where weights can be fetched, and until when. It is not tried again as a whole.
func (c *RestClient) ArchiveURL(ctx context.Context, path string) (tinker.CheckpointArchiveURLResponse, error) {
	var made tinker.CheckpointArchiveURLResponse
	route, err := route(path)
	if err != nil {
		return made, err
	}
	answer, err := c.session.http.send(ctx, Call{
		Method: http.MethodGet, Path: route + "/archive", StaysHere: true,
		Headers: map[string]*string{"accept": new("application/gzip")},
	})
	if err != nil {
		return made, err
	}
	if made.URL = answer.Header.Get("Location"); made.URL == "" {
		return made, &ValidationError{errors.New("the service answered for an archive, and did not say where it is")}
	}
	if made.Expires, err = http.ParseTime(answer.Header.Get("Expires")); err != nil {
		made.Expires = c.session.clock.Now().Add(archiveLives)
	}
	return made, nil
}

// Publish shows a checkpoint to everybody.
func (c *RestClient) Publish(ctx context.Context, path string) error {
	return c.act(ctx, http.MethodPost, path, "/publish")
}

// Unpublish hides it again.
func (c *RestClient) Unpublish(ctx context.Context, path string) error {
	return c.act(ctx, http.MethodDelete, path, "/publish")
}

// Delete is for good.
func (c *RestClient) Delete(ctx context.Context, path string) error {
	return c.act(ctx, http.MethodDelete, path, "")
}

func (c *RestClient) act(ctx context.Context, method, path, suffix string) error {
	route, err := route(path)
	if err != nil {
		return err
	}
	_, err = persist(ctx, c.session, func() (*Answer, error) {
		return c.session.http.send(ctx, Call{Method: method, Path: route + suffix})
	})
	return err
}

func fetch[T any](ctx context.Context, s *session, path, query string) (T, error) {
	return persist(ctx, s, func() (T, error) { return get[T](ctx, s, path, query) })
}

func page(limit, offset int) string { return fmt.Sprintf("limit=%d&offset=%d", limit, offset) }

// route of a checkpoint; the slash in its id stands as it is.
func route(path string) (string, error) {
	parsed, err := ParsePath(path)
	return "/api/v1/training_runs/" + url.PathEscape(parsed.Run) + "/checkpoints/" + parsed.Kind + "/" + url.PathEscape(parsed.Name), err
}
