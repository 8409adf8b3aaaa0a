package command

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"samewire/parity/testees/go/client"
)

// does runs a command against a server that knows one run and none else.
func does(t *testing.T, in string, args ...string) (int, string, string, []string) {
	t.Helper()
	asked := []string{}
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, request *http.Request) {
		asked = append(asked, request.Method+" "+request.URL.String())
		run := `{"training_run_id":"r","base_model":"b","model_owner":"o","is_lora":true,"lora_rank":8,"last_request_time":"2026-01-01T00:00:00Z"}`
		kept := `{"checkpoint_id":"weights/a","checkpoint_type":"training","time":"2026-01-01T00:00:00Z","tinker_path":"tinker://r/weights/a","size_bytes":2048}`
		answers := map[string]string{
			"/api/v1/training_runs":               `{"training_runs":[` + run + `],"cursor":{"offset":0,"limit":1,"total_count":3}}`,
			"/api/v1/training_runs/r":             run,
			"/api/v1/training_runs/r/checkpoints": `{"checkpoints":[` + kept + `]}`,
		}
		answer, known := answers[request.URL.Path]
		switch {
		case known:
			_, _ = out.Write([]byte(answer))
		case request.Method == http.MethodGet:
			http.Error(out, `{"detail":"none"}`, http.StatusNotFound)
		}
	}))
	defer server.Close()
	service, err := client.New(client.Config{BaseURL: server.URL, APIKey: "k"}, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	var out, said bytes.Buffer
	code := Run(t.Context(), args, Console{
		In: strings.NewReader(in), Out: &out, Err: &said, Service: service, Dialect: client.V041,
	})
	return code, out.String(), said.String(), asked
}

func TestCommands(t *testing.T) {
	for _, table := range []struct {
		args     string
		code     int
		out, err string
	}{
		{"version", Good, "tinker 0.4.1\n", ""},
		{"run list --limit 1", Good, "1 training run (2 more not shown, use --limit to see more)\nRun ID", ""},
		{"-f json run info r", Good, "{\n  \"training_run_id\": \"r\"", ""},
		{"run info r", Good, "Rank 8", ""},
		{"run info none", Failed, "", "Error: Resource not found\nDetails: Error code: 404"},
		{"checkpoint info tinker://r/weights/a", Good, "2.0 KB", ""},
		{"checkpoint info tinker://r/weights/b", Failed, "", "Error: Checkpoint not found: tinker://r/weights/b"},
		{"checkpoint publish bad", Failed, "", "Error: Invalid checkpoint path: bad"},
		{"run dance", Misuse, "", "there is no command"},
		{"run list --limit many", Misuse, "", "invalid value"},
		{"--help", Good, "Example:", ""},
	} {
		code, out, said, _ := does(t, "", strings.Fields(table.args)...)
		if code != table.code || !strings.Contains(out, table.out) || !strings.Contains(said, table.err) || (code != Good) != (out == "") {
			t.Errorf("%s: exit %d, out %q, err %q", table.args, code, out, said)
		}
	}
}

func TestDeleteAsks(t *testing.T) {
	for in, deleted := range map[string]bool{"y\n": true, "n\n": false, "": false} {
		code, _, _, asked := does(t, in, "checkpoint", "delete", "tinker://r/weights/a")
		if sent := strings.HasPrefix(asked[len(asked)-1], "DELETE "); sent != deleted || (code == Good) != deleted {
			t.Errorf("%q: exit %d, asked %v", in, code, asked)
		}
	}
	if code, _, _, _ := does(t, "", "checkpoint", "delete", "tinker://r/weights/a", "-y"); code != Good {
		t.Errorf("-y: exit %d", code)
	}
}
