package action

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/verify"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
)

// verify carries out the command of that name.
func (r *runner) verify(ctx context.Context) error {
	end := r.ci.Group("Verify " + r.inputs.BackupPath)
	defer end()
	progress := newProgress(ctx, r.ci.Logger(), r.process.Now)
	defer progress.stop()
	progress.Stage("checking files", 0)

	closeServer := func() {}
	defer func() { closeServer() }()
	options := verify.Options{Path: r.inputs.BackupPath, Input: "backup-path", MaxAge: r.inputs.MaxAge, Now: r.process.Now()}
	if r.inputs.Server.URL != nil {
		options.Source = r.inputs.Server.URL.String()
		options.Connect = func(ctx context.Context) (verify.Server, error) {
			progress.Stage("comparing with the server", 0)
			server, err := r.connect(ctx)
			if err != nil {
				return nil, err
			}
			closeServer = server.Close
			return verifyServer{server}, nil
		}
	}
	result, err := verify.Run(ctx, r.workspace, options)
	if err == nil || len(result.Findings) > 0 {
		for _, warning := range result.Warnings {
			r.ci.Logger().Warn(warning)
		}
		for _, line := range result.Report().Lines() {
			r.ci.Logger().Info(line)
		}
	}
	if err != nil {
		if result.Checked && result.Whole() {
			r.ci.Logger().Info(r.inputs.BackupPath + ": nothing is wrong with the files; only the server could not be compared with them")
		}
		return err
	}
	if err := r.report(result.Report().Markdown(), r.verifyOutputs(result)); err != nil {
		return err
	}
	return judge(result)
}

// verdicts say what findings of each kind mean, the worst first.
var verdicts = []struct {
	of   func(verify.Finding) bool
	text string
}{
	{verify.Finding.OfFiles, "the backup is not what it should be"},
	{verify.Finding.OfAge, "the backup is whole, but not known to be younger than max-age"},
	{verify.Finding.Live, "the backup is whole, but the server differs from it"},
}

// judge is a verdict where there are findings. What is wrong with the files comes
// before how old they are, and that before what the server has.
func judge(result verify.Result) error {
	for _, verdict := range verdicts {
		first := slices.IndexFunc(result.Findings, verdict.of)
		if first < 0 {
			continue
		}
		return verdictError{fmt.Errorf("%s: %s", verdict.text, findings(len(result.Findings), result.Findings[first]))}
	}
	return nil
}

// verifyServer is a server as verify looks at it.
type verifyServer struct{ client *weaviate.Client }

// Schema is that of the present.
func (s verifyServer) Schema(ctx context.Context) ([]schema.Collection, error) {
	return s.client.SteadySchema(ctx)
}

// CanReadAll says whether the schema is whole, by what the key may read.
func (s verifyServer) CanReadAll(ctx context.Context) (bool, error) {
	rights, err := s.client.Rights(ctx)
	if err != nil {
		return false, err
	}
	return s.client.CanReadAll(ctx, rights)
}

// Version is what the server says of itself.
func (s verifyServer) Version(ctx context.Context) (string, error) {
	meta, err := s.client.Meta(ctx)
	return meta.Version, err
}

// verifyOutputs are the values for later steps.
func (r *runner) verifyOutputs(result verify.Result) outputs {
	out := outputs{log: r.ci.Logger()}
	out.add("manifest-path", result.Manifest)
	out.add("collection-count", strconv.Itoa(len(result.Collections)))
	out.add("collections", namesJSON(result.Collections))
	out.add("valid", strconv.FormatBool(len(result.Findings) == 0))
	out.add("whole", strconv.FormatBool(result.Whole()))
	out.prose("findings", findingsJSON(result.Findings))
	return out
}

// findingsJSON lists as many findings as fit, in their order.
func findingsJSON(findings []verify.Finding) string {
	type listed struct {
		File string      `json:"file"`
		Kind verify.Kind `json:"kind"`
		Text string      `json:"text"`
	}
	return cutJSON(len(findings), func(i int) any {
		f := findings[i]
		return listed{File: f.File, Kind: f.Kind, Text: f.Text}
	})
}
