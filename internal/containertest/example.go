package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// jobToken is github.token in the jobs, which the stand-in of gh asks for.
const jobToken = "token-of-the-job"

// exampleRun is one run of an example of the README.
type exampleRun struct {
	file    string // in testdata/workflows
	event   string // what starts it
	payload string // of the event, JSON; empty: {}
	key     string // the secret WEAVIATE_API_KEY
	network string // of the job; empty: that of the checks
}

// example returns the check that f makes of the examples, in a site whose
// repository holds the scripts of testdata, by their paths there.
func (h *harness) example(scripts map[string]string, f func(context.Context, site) error) func(context.Context) error {
	return func(ctx context.Context) error {
		fill := h.resetProduction
		if h.production == "" {
			fill = h.startProduction
		}
		if err := fill(ctx); err != nil {
			return err
		}
		files := make(map[string]string)
		for path, script := range scripts {
			files[path] = h.testdata(script)
		}
		return h.inSite(ctx, files, func(s site) error { return f(ctx, s) })
	}
}

// testdata is the path of a file in this package's testdata.
func (h *harness) testdata(name string) string {
	return filepath.Join(h.root, "internal", "containertest", "testdata", name)
}

// runExample runs the example as it is, in the workspace as it is. Its actions
// come from this disk, by the very versions that the example names. The user of
// the job is the owner of the workspace, as on a hosted runner. Masks are off in
// act: the action itself must keep the key to itself.
func (h *harness) runExample(ctx context.Context, s site, r exampleRun) (actLog, error) {
	event := filepath.Join(s.owner.dir, "event.json")
	if r.payload == "" {
		r.payload = "{}"
	}
	if err := os.WriteFile(event, []byte(r.payload), 0o644); err != nil {
		return actLog{}, err
	}
	if r.network == "" {
		r.network = h.network
	}
	options := []string{
		r.event, "--workflows", h.workflowPath(r.file), "--eventpath", event, "--bind", "--network", r.network,
		"--action-cache-path", filepath.Join(s.owner.dir, "act"), "--insecure-secrets",
		"--var", "WEAVIATE_URL=" + productionURL, "--secret", "WEAVIATE_API_KEY=" + r.key, "--secret", "GITHUB_TOKEN=" + jobToken,
		"--container-options", strings.Join([]string{
			"--user", s.job.user(), "--volume", s.artifacts + ":/artifacts", "--volume", s.pulls + ":/pulls", "--volume", s.remote + ":/remote.git",
			"--volume", h.testdata("gh") + ":/usr/local/bin/gh:ro",
		}, " "),
	}
	actions, err := h.exampleActions(s, r.file)
	if err != nil {
		return actLog{}, err
	}
	log, err := h.act(ctx, s.job.dir, append(options, actions...)...)
	if err == nil && strings.Contains(log.messages+log.summaries, r.key) {
		err = log.unlike("want no key in the log")
	}
	return log, err
}

// exampleActions are the options that say where the actions are that the
// example uses. A checkout needs none: act leaves it out.
func (h *harness) exampleActions(s site, file string) ([]string, error) {
	text, err := os.ReadFile(h.workflowPath(file))
	if err != nil {
		return nil, err
	}
	var options []string
	for _, match := range regexp.MustCompile(`uses: ((\S+)@\S+)`).FindAllStringSubmatch(string(text), -1) {
		switch match[2] {
		case "actions/checkout":
		case "weaviate-backup/weaviate-backup-action":
			options = append(options, "--local-repository", match[1]+"="+s.action)
		case "actions/upload-artifact":
			options = append(options, "--local-repository", match[1]+"="+h.testdata("upload-artifact"))
		default:
			return nil, fmt.Errorf("%s uses %s, which has no stand-in", file, match[1])
		}
	}
	return options, nil
}

// succeeded is an error unless each of the jobs succeeded, of which there is at
// least one, and the log or a step summary has all the texts.
func (l actLog) succeeded(texts ...string) error {
	if l.code != 0 || len(l.jobs) == 0 || slices.Contains(l.jobs, "failure") {
		return l.unlike("want success")
	}
	return l.tells(texts)
}

// failed is an error unless a job failed, and told all the texts.
func (l actLog) failed(texts ...string) error {
	if l.code != 1 || !slices.Contains(l.jobs, "failure") {
		return l.unlike("want a job that fails")
	}
	return l.tells(texts)
}

func (l actLog) tells(texts []string) error {
	for _, text := range texts {
		if !strings.Contains(l.messages+l.summaries, text) {
			return l.unlike(fmt.Sprintf("want %q in the log or a step summary", text))
		}
	}
	return nil
}

// silent is an error when the log or a step summary has one of the texts.
func (l actLog) silent(texts ...string) error {
	for _, text := range texts {
		if strings.Contains(l.messages+l.summaries, text) {
			return l.unlike(fmt.Sprintf("want no %q in the log or a step summary", text))
		}
	}
	return nil
}
