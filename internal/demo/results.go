package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// shownLines is how much of a snapshot is printed.
const shownLines = 30

// step runs the action and prints the step that it stands for.
func (d demo) step(ctx context.Context, r runner, url string) error {
	with := map[string]string{"weaviate-url": url}
	d.line("   - uses: weaviate-backup/weaviate-backup-action@v1.0.0\n     with:\n       weaviate-url: %s\n", url)
	return r.step(ctx, with, &runnerLog{out: d.out})
}

// results prints what the step has left behind, and gives its summary.
func (d demo) results(r runner) (summary string, err error) {
	entries, err := os.ReadDir(r.backups())
	if err != nil {
		return "", err
	}
	d.title("Files in the workspace")
	var first string
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			return "", err
		}
		d.line("%8d bytes  %s", info.Size(), filepath.Join("backups", entry.Name()))
		if first == "" && strings.Contains(entry.Name(), "_schema_") {
			first = filepath.Join(r.backups(), entry.Name())
		}
	}
	if first == "" {
		return "", errors.New("the action left no snapshot")
	}
	snapshot, err := os.ReadFile(first)
	if err != nil {
		return "", err
	}
	d.title("The beginning of %s", filepath.Base(first))
	lines := strings.SplitAfterN(string(snapshot), "\n", shownLines+1)
	d.line("%s...", strings.Join(lines[:min(shownLines, len(lines))], ""))

	outputs, err := readOutputs(r.output)
	if err != nil {
		return "", err
	}
	d.title("Outputs")
	for _, o := range outputs {
		d.line("%s: %s", o.name, strings.ReplaceAll(o.value, "\n", "\n  "))
	}
	text, err := os.ReadFile(r.summary)
	if err != nil {
		return "", err
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return "", errors.New("the action wrote no step summary")
	}
	d.title("Step summary")
	d.line("%s", bytes.TrimSpace(text))
	return string(text), nil
}

// output is one output of the step.
type output struct{ name, value string }

// readOutputs reads a GITHUB_OUTPUT file the way the runner does, name<<word,
// lines, word. The action writes no other form.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#multiline-strings
func readOutputs(file string) ([]output, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var outputs []output
	rest := string(data)
	for rest != "" {
		var line, value string
		line, rest, _ = strings.Cut(rest, "\n")
		name, word, ok := strings.Cut(line, "<<")
		if !ok {
			return nil, fmt.Errorf("read the outputs: no name<<word: %q", line)
		}
		value, rest, ok = strings.Cut("\n"+rest, "\n"+word+"\n")
		if !ok {
			return nil, fmt.Errorf("read the outputs: %s has no end", name)
		}
		outputs = append(outputs, output{name, strings.TrimPrefix(value, "\n")})
	}
	if len(outputs) == 0 {
		return nil, errors.New("the action set no outputs")
	}
	return outputs, nil
}

// verify reads every snapshot back and holds its count against what was put in.
func verify(folder string) error {
	for _, s := range samples {
		files, err := filepath.Glob(filepath.Join(folder, s.name+"_schema_*.json"))
		if err != nil {
			return err
		}
		if len(files) != 1 {
			return fmt.Errorf("%s has %d snapshots, not one", s.name, len(files))
		}
		if err := s.verify(files[0]); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(files[0]), err)
		}
	}
	return nil
}

func (s sample) verify(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var snapshot struct {
		Metadata struct {
			Collection  string `json:"collection"`
			ObjectCount *int   `json:"object_count"`
		} `json:"metadata"`
		Schema struct {
			Class string `json:"class"`
		} `json:"schema"`
	}
	if err := json.Unmarshal(data, &snapshot); err != nil {
		return err
	}
	if snapshot.Metadata.Collection != s.name || snapshot.Schema.Class != s.name {
		return fmt.Errorf("it is of collection %q and holds the schema of %q", snapshot.Metadata.Collection, snapshot.Schema.Class)
	}
	switch count := snapshot.Metadata.ObjectCount; {
	case count == nil && s.countable():
		return errors.New("its object count is unknown")
	case count != nil && !s.countable():
		return fmt.Errorf("its object count is %d, though a cold tenant can't be counted", *count)
	case count != nil && *count != s.total():
		return fmt.Errorf("its object count is %d, not %d", *count, s.total())
	}
	return nil
}

// runnerLog shows a log as a runner does: without the commands that it keeps to
// itself. It passes on whole lines.
type runnerLog struct {
	out  io.Writer
	line []byte
}

func (l *runnerLog) Write(p []byte) (int, error) {
	l.line = append(l.line, p...)
	for {
		line, rest, found := bytes.Cut(l.line, []byte("\n"))
		if !found {
			return len(p), nil
		}
		if !bytes.HasPrefix(line, []byte("::debug::")) && !bytes.HasPrefix(line, []byte("::add-mask::")) {
			if _, err := l.out.Write(append(line, '\n')); err != nil {
				return 0, err
			}
		}
		l.line = rest
	}
}
