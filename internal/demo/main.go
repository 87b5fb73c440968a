// Demo shows a whole backup on this machine, with nothing but Go: it starts a
// real Weaviate server, fills it with sample collections, builds the action and
// runs it as a GitHub runner would, and prints the log, the files, the outputs
// and the step summary.
//
//	go run ./internal/demo [-keep] [-picture] [-weaviate 1.39.0]
//
// The first run compiles the server, which takes some minutes; the next ones
// take seconds. Everything lives in a temporary folder that is removed at the
// end, unless -keep asks for it. The exit code is 0 only if the action's was,
// and its files hold the counts that were put in.
//
// With -picture it draws the beginning of the step summary for the README, as
// testdata/summary.svg, beside its text in testdata/summary.md.
//
// It runs the binary and not the container image; internal/containertest does
// that.
//
// Where to read on:
//
//	samples.go            what the server is filled with
//	runner.go             the stand-in for GitHub's runner
//	results.go            what the step left behind, and whether it is right
//	picture.go, svg.go    the picture of the summary
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/weaviate-backup/weaviate-backup-action/internal/programtest"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// stopTime is how long the server may take to end, also after Ctrl-C.
const stopTime = 20 * time.Second

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	d := demo{out: os.Stdout}
	flags.BoolVar(&d.keep, "keep", false, "keep the temporary folder with the files of the backup")
	flags.BoolVar(&d.picture, "picture", false, "draw the step summary for the README")
	flags.StringVar(&d.version, "weaviate", weaviatetest.DefaultVersion, "exact Weaviate version to run")
	switch err := flags.Parse(os.Args[1:]); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	err := d.show(ctx)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "demo: cancelled")
		return 130
	case err != nil:
		fmt.Fprintln(os.Stderr, "demo:", err)
		return 1
	}
	return 0
}

// demo is one demonstration.
type demo struct {
	out     io.Writer
	keep    bool
	picture bool
	version string
}

// show goes through all steps, and stops and removes what it started whatever
// happens.
func (d demo) show(ctx context.Context) (err error) {
	root, err := weaviatetest.ModuleRoot()
	if err != nil {
		return fmt.Errorf("find the action's source: %w", err)
	}
	folder, err := os.MkdirTemp("", "weaviate-backup-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.clean(folder)) }()

	d.title("Starting a real Weaviate %s", d.version)
	if _, err := weaviatetest.Build(ctx, d.version, d.out); err != nil {
		return err
	}
	server, err := weaviatetest.Start(ctx, weaviatetest.Options{Version: d.version})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.stop(ctx, server)) }()
	d.line("It answers at %s", server.URL)

	d.title("Loading sample collections")
	if err := d.load(ctx, server); err != nil {
		return err
	}
	r, err := newRunner(root, folder)
	if err != nil {
		return err
	}
	d.title("Building the action (go build)")
	if err := programtest.BuildFrom(ctx, root, r.binary); err != nil {
		return err
	}
	d.title("Running it as a step of a workflow would")
	if err := d.step(ctx, r, server.URL); err != nil {
		return err
	}
	summary, err := d.results(r)
	if err != nil {
		return err
	}
	if d.picture {
		if err := savePicture(root, summary); err != nil {
			return err
		}
		d.title("Drawn: %s", pictureFile)
	}
	if err := verify(r.backups()); err != nil {
		return fmt.Errorf("look into the backup: %w", err)
	}
	d.title("All is as it should be: the files hold the counts that were put in")
	return nil
}

// stop ends the server even if ctx is over.
func (d demo) stop(ctx context.Context, server *weaviatetest.Server) error {
	d.title("Stopping Weaviate")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	return server.Stop(ctx)
}

func (d demo) clean(folder string) error {
	if d.keep {
		d.line("The files are kept in %s", folder)
		return nil
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	d.line("The temporary folder is removed; -keep would have kept it.")
	return nil
}

func (d demo) title(format string, args ...any) {
	d.line("\n== "+format, args...)
}

// line writes one line. A standard output that nobody reads any more ends the
// process by its signal, so the error says nothing new.
func (d demo) line(format string, args ...any) {
	_, _ = fmt.Fprintf(d.out, format+"\n", args...)
}
