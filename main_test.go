package main

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/weaviate-backup/weaviate-backup-action/internal/scripttest"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

var update = flag.Bool("update", false, "rewrite the golden files in the scripts of testdata/script")

// TestMain makes a command of the program.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"weaviate-backup": func() { os.Exit(run()) }})
}

// TestScripts runs testdata/script: one file per behaviour that users see.
//
// Beside testscript's own commands, a script has
//
//	fake [config.json]     a fake server; its URL in $URL, its port in $PORT, the
//	                       certificate to trust in $CA; clientCA may name a variable
//	real [VERSION]         a real server; its URL in $URL
//	proxy [faults.json]    a proxy in front of the last fake or real server; its URL
//	                       in $URL; faults.json is a list of weaviatetest.Fault
//	requests FILE          writes a line "METHOD path" for each request to the fake or
//	                       the proxy, whichever was started last
//	sent FILE              writes these requests in full: line, headers, body
//	await-request [METHOD] PATH
//	                       waits until such a request has come in there
//	call METHOD PATH [BODY-FILE]
//	                       asks the last fake or real server, past a proxy; its answer
//	                       is stdout, JSON with sorted keys; a status from 400 fails
//	client-certificate     makes $CLIENT_CERTIFICATE and $CLIENT_KEY, PEM text
//	github                 makes the rest of the script a step of a GitHub workflow
//	runner                 reads the last log and the outputs as GitHub's runner does,
//	                       and writes runner/commands, text, masks and outputs
//	errors N               fails if the last log has not so many error annotations
//	stable FILE NEW        writes the file without what differs from run to run
//	snapshot NAME NEW      the same for the file of one collection in backups
//	no-files [DIR]         fails if there is anything in DIR ($WORK/ws): what a failed
//	                       run must leave
//	hides TEXT...          fails if a text is in the last log (apart from masks), the
//	                       outputs, the step summary, or a file in backups
//	result COMMAND CODE    fails if the last command did not print a result, as --json
//	                       does, with this command (- for none) and this exit code
//	exits CODE CMD...      runs a command that must end with this exit code
//	signal NAME            sends TERM, INT or HUP to the one background command
//	ended CODE             says how that command must have ended; after wait
//
// and runs in the folder ws, which is the workspace. -update rewrites the golden
// files inside of the scripts.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Values[stateKey{}] = &state{test: env.T().(testing.TB)} //nolint:errcheck // testscript says so of tests that Run starts
			env.Cd = filepath.Join(env.WorkDir, "ws")
			return os.MkdirAll(env.Cd, 0o755)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"fake":               command("[config.json]", 0, 1, startFake),
			"real":               command("[VERSION]", 0, 1, startReal),
			"proxy":              command("[faults.json]", 0, 1, startProxy),
			"requests":           command("FILE", 1, 1, writeRequests),
			"sent":               command("FILE", 1, 1, writeSent),
			"await-request":      command("[METHOD] PATH", 1, 2, awaitRequest),
			"call":               command("METHOD PATH [BODY-FILE]", 2, 3, call),
			"client-certificate": command("", 0, 0, makeClientCertificate),
			"github":             command("", 0, 0, enterGitHub),
			"runner":             command("", 0, 0, readAsRunner),
			"errors":             command("N", 1, 1, countErrors),
			"stable":             command("FILE NEW", 2, 2, writeStable),
			"snapshot":           command("NAME NEW", 2, 2, writeSnapshot),
			"no-files":           command("[DIR]", 0, 1, noFiles),
			"hides":              command("TEXT...", 1, 100, hides),
			"result":             command("COMMAND CODE", 2, 2, readResult),
			"exits":              command("CODE COMMAND [ARGS...]", 2, 100, exits),
			"signal":             command("NAME", 1, 1, sendSignal),
			"ended":              command("CODE", 1, 1, ended),
		},
	})
}

// stateKey is where a script's state is kept.
type stateKey struct{}

// state is what the commands of one script share.
type state struct {
	test       testing.TB
	server     string    // URL of the last fake or real server
	asked      requested // the last fake or proxy; nil before one
	background *exec.Cmd // that a signal was sent to
}

func stateOf(ts *testscript.TestScript) *state {
	return ts.Value(stateKey{}).(*state) //nolint:errcheck // set by Setup
}

// command checks the number of arguments before it runs a command.
func command(usage string, least, most int, run func(*testscript.TestScript, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) < least || len(args) > most {
			ts.Fatalf("the arguments are: %s; and no ! before the command", usage)
		}
		run(ts, args)
	}
}

func makeClientCertificate(ts *testscript.TestScript, _ []string) {
	certificate, key, err := weaviatetest.NewClientCertificate("a script")
	ts.Check(err)
	ts.Setenv("CLIENT_CERTIFICATE", string(certificate))
	ts.Setenv("CLIENT_KEY", string(key))
}

func enterGitHub(ts *testscript.TestScript, _ []string) {
	ts.Setenv("GITHUB_ACTIONS", "true")
	ts.Setenv("GITHUB_WORKSPACE", ts.Getenv("WORK")+"/ws")
	for name, file := range map[string]string{"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary.md"} {
		path := filepath.Join(ts.Getenv("WORK"), file)
		ts.Setenv(name, path)
		write(ts, path, "")
	}
}

// lastLog is what the last command printed.
func lastLog(ts *testscript.TestScript) scripttest.Log {
	return scripttest.ReadLog(ts.ReadFile("stdout") + "\n" + ts.ReadFile("stderr"))
}

func readAsRunner(ts *testscript.TestScript, _ []string) {
	log := lastLog(ts)
	outputs, err := scripttest.ReadOutputs(ts.ReadFile(ts.Getenv("GITHUB_OUTPUT")))
	ts.Check(err)
	var commands []string
	for _, command := range log.Commands {
		commands = append(commands, command.String())
	}
	folder := filepath.Join(ts.Getenv("WORK"), "runner")
	ts.Check(os.MkdirAll(folder, 0o755))
	for name, lines := range map[string][]string{
		"commands": commands, "text": log.Text, "masks": log.Masks, "outputs": outputs,
	} {
		write(ts, filepath.Join(folder, name), strings.Join(append(lines, ""), "\n"))
	}
}

func countErrors(ts *testscript.TestScript, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := lastLog(ts).Count("error"); got != want {
		ts.Fatalf("%d error annotations, not %d", got, want)
	}
}

func writeStable(ts *testscript.TestScript, args []string) {
	write(ts, args[1], scripttest.Stable(ts.ReadFile(args[0])))
}

func writeSnapshot(ts *testscript.TestScript, args []string) {
	found, err := filepath.Glob(filepath.Join(ts.Getenv("WORK"), "ws", "backups", args[0]+"_*.json"))
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("%d files of %s: %q", len(found), args[0], found)
	}
	writeStable(ts, []string{found[0], args[1]})
}

func noFiles(ts *testscript.TestScript, args []string) {
	dir := filepath.Join(ts.Getenv("WORK"), "ws")
	if len(args) > 0 {
		dir = ts.MkAbs(args[0])
	}
	entries, err := os.ReadDir(dir)
	ts.Check(err)
	for _, entry := range entries {
		ts.Fatalf("%s was left in %s", entry.Name(), dir)
	}
}

func hides(ts *testscript.TestScript, args []string) {
	seen := map[string]string{"the log": lastLog(ts).Printed()}
	work := ts.Getenv("WORK")
	found, err := filepath.Glob(filepath.Join(work, "ws", "backups", "*"))
	ts.Check(err)
	for _, path := range append(found, filepath.Join(work, "output"), filepath.Join(work, "summary.md")) {
		data, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			ts.Fatalf("%v", err)
		}
		seen[path] = string(data)
	}
	for place, text := range seen {
		for _, secret := range args {
			if strings.Contains(text, secret) {
				ts.Fatalf("%s is in %s", secret, place)
			}
		}
	}
}

func readResult(ts *testscript.TestScript, args []string) {
	text, err := os.ReadFile(filepath.Join("internal", "action", "result.schema.json"))
	ts.Check(err)
	schema, err := scripttest.ResultSchema(text)
	ts.Check(err)
	if err := scripttest.CheckResult(schema, ts.ReadFile("stdout"), args[0], args[1]); err != nil {
		ts.Fatalf("the result of --json: %v", err)
	}
}

func exits(ts *testscript.TestScript, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s ended with exit code %d, not %d", args[1], got, want)
	}
}

func sendSignal(ts *testscript.TestScript, args []string) {
	signal, ok := map[string]os.Signal{"TERM": syscall.SIGTERM, "INT": os.Interrupt, "HUP": syscall.SIGHUP}[args[0]]
	running := ts.BackgroundCmds()
	if !ok || len(running) != 1 {
		ts.Fatalf("signal %s to %d commands", args[0], len(running))
	}
	ts.Check(running[0].Process.Signal(signal))
	stateOf(ts).background = running[0]
}

func ended(ts *testscript.TestScript, args []string) {
	command := stateOf(ts).background
	if command == nil || command.ProcessState == nil || len(ts.BackgroundCmds()) > 0 {
		ts.Fatalf("no signal was sent, or wait is missing")
	}
	if got := strconv.Itoa(command.ProcessState.ExitCode()); got != args[0] {
		ts.Fatalf("ended with exit code %s, not %s", got, args[0])
	}
}

func write(ts *testscript.TestScript, path, text string) {
	ts.Check(os.WriteFile(ts.MkAbs(path), []byte(text), 0o644))
}
