package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"samewire/parity/testees/go/client"
	"samewire/parity/testees/go/tinker"
)

// Pages of listings.
const (
	runsPage        = 100
	checkpointsPage = 1000
)

func version(_ context.Context, console *Console, _ []string) error {
	_, err := fmt.Fprintln(console.Out, "tinker", console.Dialect.SDKVersion)
	return err
}

func runList(ctx context.Context, console *Console, _ []string) error {
	runs, total, err := client.Collect(func(limit, offset int) ([]tinker.TrainingRun, int, error) {
		page, err := console.Service.Rest().TrainingRuns(ctx, limit, offset)
		return page.TrainingRuns, int(page.Cursor.TotalCount), err
	}, console.limit, runsPage)
	if err != nil {
		return err
	}
	if console.asJSON {
		return console.json(map[string]any{"runs": runs})
	}
	rows := [][]string{{"Run ID", "Base Model", "Owner", "LoRA", "Last Update", "Corrupted"}}
	for _, run := range runs {
		corrupted, _ := run.Corrupted.Get()
		rows = append(rows, []string{
			run.TrainingRunID, run.BaseModel, run.ModelOwner, lora(run), ago(run.LastRequestTime), yesNo(corrupted),
		})
	}
	return console.table(title(len(runs), total, "training run"), rows)
}

func runInfo(ctx context.Context, console *Console, words []string) error {
	run, err := console.Service.Rest().TrainingRun(ctx, words[0])
	if err != nil {
		return err
	}
	if console.asJSON {
		return console.json(run)
	}
	status := "Active"
	if corrupted, _ := run.Corrupted.Get(); corrupted {
		status = "Corrupted"
	}
	return console.table("", [][]string{
		{"Property", "Value"}, {"Run ID", run.TrainingRunID}, {"Base Model", run.BaseModel}, {"Owner", run.ModelOwner},
		{"LoRA", lora(run)}, {"Last Update", ago(run.LastRequestTime)}, {"Status", status},
	})
}

func checkpointList(ctx context.Context, console *Console, _ []string) error {
	checkpoints, total, err := console.checkpoints(ctx)
	if err != nil {
		return err
	}
	if console.asJSON {
		told := map[string]any{"checkpoints": checkpoints}
		if console.run != "" {
			told["run_id"] = console.run
		}
		return console.json(told)
	}
	rows := [][]string{{"Checkpoint ID", "Type", "Size", "Public", "Created", "Path"}}
	for _, each := range checkpoints {
		public, _ := each.Public.Get()
		rows = append(rows, []string{
			each.CheckpointID, string(each.CheckpointType), size(each), yesNo(public), ago(each.Time), each.TinkerPath,
		})
	}
	return console.table(title(len(checkpoints), total, "checkpoint"), rows)
}

// checkpoints are all of a run, or the user's up to the limit.
func (c *Console) checkpoints(ctx context.Context) ([]tinker.Checkpoint, int, error) {
	if c.run != "" {
		listed, err := c.Service.Rest().Checkpoints(ctx, c.run)
		return listed.Checkpoints, len(listed.Checkpoints), err
	}
	return client.Collect(func(limit, offset int) ([]tinker.Checkpoint, int, error) {
		page, err := c.Service.Rest().UserCheckpoints(ctx, limit, offset)
		cursor, there := page.Cursor.Get()
		if !there {
			cursor.TotalCount = int64(len(page.Checkpoints))
		}
		return page.Checkpoints, int(cursor.TotalCount), err
	}, c.limit, checkpointsPage)
}

func checkpointInfo(ctx context.Context, console *Console, words []string) error {
	found, err := console.find(ctx, words[0])
	if err != nil {
		return err
	}
	if console.asJSON {
		return console.json(found)
	}
	public, _ := found.Public.Get()
	return console.table("", [][]string{
		{"Property", "Value"}, {"Checkpoint ID", found.CheckpointID}, {"Type", string(found.CheckpointType)},
		{"Path", found.TinkerPath}, {"Size", size(found)}, {"Public", yesNo(public)}, {"Created", ago(found.Time)},
	})
}

// find looks for a checkpoint among those of its run.
func (c *Console) find(ctx context.Context, path string) (tinker.Checkpoint, error) {
	parsed, err := checkpointPath(path)
	if err != nil {
		return tinker.Checkpoint{}, err
	}
	listed, err := c.Service.Rest().Checkpoints(ctx, parsed.Run)
	if err != nil {
		return tinker.Checkpoint{}, err
	}
	for _, each := range listed.Checkpoints {
		if each.TinkerPath == path {
			return each, nil
		}
	}
	return tinker.Checkpoint{}, fmt.Errorf("%w: %s", errNotFound, path)
}

func checkpointPublish(ctx context.Context, console *Console, words []string) error {
	if _, err := checkpointPath(words[0]); err != nil {
		return err
	}
	return console.Service.Rest().Publish(ctx, words[0])
}

func checkpointUnpublish(ctx context.Context, console *Console, words []string) error {
	if _, err := checkpointPath(words[0]); err != nil {
		return err
	}
	return console.Service.Rest().Unpublish(ctx, words[0])
}

func checkpointDelete(ctx context.Context, console *Console, words []string) error {
	if _, err := console.find(ctx, words[0]); err != nil {
		return err
	}
	if !console.unasked {
		fmt.Fprintf(console.Err, "Delete %s for good? [y/N] ", words[0])
		answer, _ := bufio.NewReader(console.In).ReadString('\n')
		if !strings.EqualFold(strings.TrimSpace(answer), "y") {
			return errors.New("nothing was deleted")
		}
	}
	return console.Service.Rest().Delete(ctx, words[0])
}

func checkpointPath(text string) (client.Path, error) {
	parsed, err := client.ParsePath(text)
	if err != nil {
		const form = "Checkpoint path must be in the format: tinker://run-id/weights/0001"
		return parsed, fmt.Errorf("Invalid checkpoint path: %s\n%s", text, form) //nolint:staticcheck // for people
	}
	return parsed, nil
}

func lora(run tinker.TrainingRun) string {
	if rank, told := run.LoraRank.Get(); told && run.IsLora {
		return fmt.Sprintf("Rank %d", rank)
	}
	return yesNo(run.IsLora)
}

func size(checkpoint tinker.Checkpoint) string {
	bytes, told := checkpoint.SizeBytes.Get()
	if !told {
		bytes = -1
	}
	return client.FormatSize(bytes)
}

func ago(then time.Time) string { return client.FormatTime(then.Format(time.RFC3339Nano), time.Now()) }

func yesNo(yes bool) string {
	if yes {
		return "Yes"
	}
	return "No"
}

func title(shown, total int, what string) string {
	if shown != 1 {
		what += "s"
	}
	made := fmt.Sprintf("%d %s", shown, what)
	if total > shown {
		made += fmt.Sprintf(" (%d more not shown, use --limit to see more)", total-shown)
	}
	return made
}
