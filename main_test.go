package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// TestMain makes the program itself a command of the scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"weaviate-backup": func() { os.Exit(run()) },
	})
}

// TestScripts runs testdata/script: one file per behaviour that users see.
//
// Beside testscript's own commands, a script has
//
//	fake [config.json]   a fake server; its URL in $URL, its port in $PORT, what was
//	                     asked of it so far in the file that "requests" writes
//	requests FILE        writes "METHOD path" lines
//	real                 a real server; its URL in $URL
//	github               makes the rest of the script a step of a GitHub workflow
//	no-files [DIR]       fails if there is anything in DIR ($WORK/ws): what a failed
//	                     run must leave
//	exits CODE CMD...    runs a command that must end with this exit code
//
// and runs in the folder ws, which is the workspace. -update rewrites the golden
// files inside of the scripts.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       os.Getenv("UPDATE") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Values[fakeKey{}] = new(*weaviatetest.Fake)
			env.Cd = filepath.Join(env.WorkDir, "ws")
			return os.MkdirAll(env.Cd, 0o755)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"fake":     startFake,
			"requests": writeRequests,
			"real":     startReal,
			"github":   enterGitHub,
			"no-files": noFiles,
			"exits":    exits,
		},
	})
}

// fakeKey is where a script's fake server is kept.
type fakeKey struct{}

func startFake(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: fake [config.json]")
	}
	config := weaviatetest.DefaultFakeConfig()
	if len(args) == 1 {
		var err error
		config, err = weaviatetest.ReadFakeConfig([]byte(ts.ReadFile(args[0])))
		ts.Check(err)
	}
	fake, err := weaviatetest.StartFake(config)
	ts.Check(err)
	ts.Defer(fake.Close)
	ts.Setenv("URL", fake.URL)
	ts.Setenv("PORT", fake.URL[strings.LastIndex(fake.URL, ":")+1:])
	ts.Setenv("CA", fake.CAPEM())
	*ts.Value(fakeKey{}).(**weaviatetest.Fake) = fake //nolint:errcheck // set by Setup
}

func writeRequests(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: requests FILE")
	}
	fake := *ts.Value(fakeKey{}).(**weaviatetest.Fake) //nolint:errcheck // set by Setup
	if fake == nil {
		ts.Fatalf("requests: no fake server was started")
	}
	text := strings.Join(fake.Requests(), "\n") + "\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

func startReal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: real")
	}
	ctx := context.Background()
	_, err := weaviatetest.Build(ctx, weaviatetest.DefaultVersion, os.Stderr)
	ts.Check(err)
	server, err := weaviatetest.Start(ctx, weaviatetest.Options{})
	ts.Check(err)
	ts.Defer(func() { _ = server.Stop(ctx) })
	ts.Setenv("URL", server.URL)
}

func enterGitHub(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: github")
	}
	ts.Setenv("GITHUB_ACTIONS", "true")
	ts.Setenv("GITHUB_WORKSPACE", ts.Getenv("WORK")+"/ws")
	for name, file := range map[string]string{"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary.md"} {
		path := filepath.Join(ts.Getenv("WORK"), file)
		ts.Setenv(name, path)
		ts.Check(os.WriteFile(path, nil, 0o644))
	}
}

func noFiles(ts *testscript.TestScript, neg bool, args []string) {
	dir := filepath.Join(ts.Getenv("WORK"), "ws")
	if len(args) > 0 {
		dir = ts.MkAbs(args[0])
	}
	entries, err := os.ReadDir(dir)
	ts.Check(err)
	if neg {
		ts.Fatalf("usage: no-files [DIR]")
	}
	for _, entry := range entries {
		ts.Fatalf("%s was left in %s", entry.Name(), dir)
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARGS...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if err != nil {
		exit, ok := err.(interface{ ExitCode() int })
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s ended with exit code %d, not %d", args[1], got, want)
	}
}
