package action_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// hostile draws a text that a runner, a terminal or a page would obey.
func hostile(t *rapid.T, label string) string {
	piece := rapid.SampledFrom([]string{
		"\n", "\r", "\r\n", "\t", " ", "%0A", "%0D%0A", "%25", "\u2028", "\u0085", "\x00", "\x1b[31m", "\x1b]8;;http://evil\x07", "\u202e", "\u2066", "\u200b",
		"\u00ad", "\ufe0f", "\u0300", ":", "::error::evil", "::set-output name=evil::1", "  ::add-mask::a", "::stop-commands::evil", "::warning file=evil,line=1::evil",
		"##[error]evil", "##[add-mask]a", "##[group]", "##vso[task.setvariable variable=evil]1", "##vso[task.complete result=Succeeded;]", "##", "#vs", "o[a.b]", "##teamcity[evil]", "::endgroup::", "evil=1", "evil<<EOF", "EOF", "_GitHubActionsFileCommandDelimeter_", "valid=true",
		"|", "`", "```", "````\n", "~~~", "<img src=evil>", "<script>evil</script>", "</details>", "<!--", "[evil](http://evil)", "![evil](http://evil)", "http://evil.example",
		"www.evil.example", "@evil", "#12", "**evil**", "_evil_", "$evil$", "# evil", "\n# evil\n", "- evil", "1. evil", "\n---\n", "\\", "&lt;", "\n\n", "\n| evil |\n", `"`, "'", "evil",
	})
	return strings.Join(rapid.SliceOfN(piece, 1, 8).Draw(t, label), "")
}

func quoted(text string) string {
	data, _ := json.Marshal(text)
	return string(data)
}

// hostileServer draws what a server holds whose owner wants to harm.
func hostileServer(t *rapid.T) func(*weaviatetest.FakeConfig) {
	text := func(label string) string { return hostile(t, label) }
	class := `{"class":"Doc","description":` + quoted(text("description")) + `,"multiTenancyConfig":{"enabled":true},` +
		`"moduleConfig":{` + quoted(text("module")) + `:{` + quoted(text("key")) + `:` + quoted(text("value")) + `}},` +
		`"vectorConfig":{` + quoted(text("vector")) + `:{"vectorIndexType":` + quoted(text("index type")) + `,"vectorizer":{"none":{}}}},` +
		`"properties":[{"name":` + quoted(text("property")) + `,"dataType":["A` + quoted(text("data type"))[1:] + `],"description":` + quoted(text("property description")) + `}]}`
	return func(c *weaviatetest.FakeConfig) {
		c.Version = text("version")
		c.Classes = []json.RawMessage{[]byte(class), []byte(`{"class":"Other","properties":[]}`)}
		c.Counts = nil
		c.Tenants = map[string][]weaviatetest.Tenant{"Doc": {{Name: text("tenant"), ActivityStatus: text("status")}, {Name: "plain", ActivityStatus: "HOT"}}}
		c.Aliases = map[string]string{text("alias"): "Doc", "A" + text("dangling alias"): text("target")}
	}
}

// errorFault draws a failure of any request, in words that want to harm.
func errorFault(t *rapid.T) weaviatetest.Fault {
	text := hostile(t, "error")
	return weaviatetest.Fault{
		Path:   rapid.SampledFrom([]string{"/v1/meta", "/v1/schema", "/v1/schema/*/tenants", "/v1/aliases", "/v1/graphql", "/v1/users/own-info", "/v1/.well-known/ready"}).Draw(t, "path"),
		Status: rapid.SampledFrom([]int{200, 401, 403, 404, 422, 500}).Draw(t, "status"),
		Body: rapid.SampledFrom([]string{
			`{"error":[{"message":` + quoted(text) + `}]}`, `{"code":1,"message":` + quoted(text) + `}`, text,
			`{"data":null,"errors":[{"message":` + quoted(text) + `}]}`, `{` + quoted(text) + `:1,` + quoted(text) + `:2}`,
		}).Draw(t, "body"),
		Header: map[string]string{"Content-Type": rapid.SampledFrom([]string{"application/json", "text/html; <img src=evil>##[error]evil"}).Draw(t, "type")},
	}
}

// Whatever a server says, nothing of it is a command to a runner, another output,
// or markup in the summary, in any command.
func TestHostileServer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		fake := newFake(rt, hostileServer(rt))
		defer fake.Close()
		s := newStep(tempDir(rt)).anywhere(rt)
		defer func() { _ = os.RemoveAll(s.folder) }()
		with := func(command string) map[string]string {
			return map[string]string{
				"command": command, "weaviate-url": fake.URL, "backup-path": "backups", "verbose": "true", "wait-for-ready": "0s",
				"on-existing": "update", "restore-aliases": "true", "outputs-file": "o.env", "dry-run": map[string]string{"restore": "true"}[command],
			}
		}
		inputs := with("backup")
		inputs["outputs-file"] = "" // it refuses most versions
		saved := s.run(rt, inputs)
		saved.assertHarmless(rt)
		require.Zero(rt, saved.code, "%s", saved.printed)
		s.run(rt, with("verify")).assertHarmless(rt)

		require.NoError(rt, fake.Update(hostileServer(rt)))
		for _, command := range []string{"verify", "diff", "restore"} {
			s.run(rt, with(command)).assertHarmless(rt)
		}

		require.NoError(rt, fake.SetFaults(errorFault(rt)))
		for _, command := range []string{"backup", "verify", "diff", "restore"} {
			s.run(rt, with(command)).assertHarmless(rt)
		}
		s.args = []string{"--json"}
		s.run(rt, with("diff")).assertHarmless(rt)
		s.args = nil

		// A restore that is refused while it writes.
		require.NoError(rt, fake.Update(func(c *weaviatetest.FakeConfig) { c.Classes, c.Tenants, c.Aliases = nil, nil, map[string]string{} }))
		require.NoError(rt, fake.SetFaults(
			weaviatetest.Fault{Method: "POST", Status: 422, Body: `{"error":[{"message":` + quoted(hostile(rt, "refusal")) + `}]}`},
			weaviatetest.Fault{Method: "DELETE"},
		))
		inputs = with("restore")
		inputs["dry-run"] = ""
		refused := s.run(rt, inputs)
		refused.assertHarmless(rt)
		require.Equal(rt, 1, refused.code, "%s", refused.printed)
	})
}

// Neither are the fields of files that someone has changed, whether they still
// agree with one another or not.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		fake := newFake(rt, func(c *weaviatetest.FakeConfig) { c.Aliases = map[string]string{"Texts": "Article"} })
		defer fake.Close()
		s := newStep(tempDir(rt)).anywhere(rt)
		defer func() { _ = os.RemoveAll(s.folder) }()
		saved := s.run(rt, map[string]string{"weaviate-url": fake.URL})
		require.Zero(rt, saved.code, "%s", saved.printed)
		folder := filepath.Join(s.env["GITHUB_WORKSPACE"], "backups")
		changeFiles(rt, folder)
		for _, command := range []string{"verify", "diff", "restore"} {
			s.run(rt, map[string]string{
				"command": command, "weaviate-url": fake.URL, "backup-path": "backups", "on-existing": "update", "dry-run": "true",
			}).assertHarmless(rt)
		}
	})
}

// changeFiles puts hostile texts into one snapshot and its manifest: as values of
// fields, with checksums that fit, or in place of some text, with none.
func changeFiles(t *rapid.T, folder string) {
	manifests, err := filepath.Glob(filepath.Join(folder, "manifest_*.json"))
	require.NoError(t, err)
	require.Len(t, manifests, 1)
	data, err := os.ReadFile(manifests[0])
	require.NoError(t, err)
	m, err := snapshot.DecodeManifest(data)
	require.NoError(t, err)
	entry := &m.Snapshots[0]
	file := filepath.Join(folder, entry.File)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	if rapid.Bool().Draw(t, "rough") {
		old := rapid.SampledFrom([]string{`"1.0"`, `"Article"`, `"schema-only"`, `"1.39.0"`, `"text"`, `"graphql-aggregate"`, "T", `"objects": []`, `"aliases"`}).Draw(t, "old")
		path := rapid.SampledFrom([]string{file, manifests[0]}).Draw(t, "file")
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		changed := strings.Replace(string(content), old, rapid.SampledFrom([]func(string) string{quoted, strings.Clone}).Draw(t, "as")(hostile(t, "text")), 1)
		require.NoError(t, os.WriteFile(path, []byte(changed), 0o600))
		return
	}
	s, err := snapshot.Decode(text)
	require.NoError(t, err)
	field := rapid.SampledFrom([]*string{
		&s.Metadata.Collection, &s.Metadata.WeaviateVersion, &s.Metadata.Type, &s.Metadata.Version, &s.Metadata.SchemaDigest, &s.Metadata.Tool,
		&s.Metadata.Count.Reason, &s.Metadata.Count.Method, &s.Aliases[0], &entry.Collection, &entry.SchemaDigest,
		&m.Source.URL, &m.Source.WeaviateVersion, &m.Tool, &m.Completeness.Rights,
	}).Draw(t, "field")
	*field = hostile(t, "value")
	if rapid.Bool().Draw(t, "schema too") {
		s.Schema = []byte(strings.ReplaceAll(string(s.Schema), `"Article"`, quoted(hostile(t, "name"))))
	}
	m.Aliases[hostile(t, "alias")] = "Article"
	m.Completeness.NotSaved = append(m.Completeness.NotSaved, hostile(t, "not saved"))
	encoded, err := s.Encode()
	require.NoError(t, err)
	entry.Bytes, entry.SHA256 = int64(len(encoded)), schema.SHA256(encoded)
	require.NoError(t, os.WriteFile(file, encoded, 0o600))
	if rapid.Bool().Draw(t, "file name") {
		entry.File = hostile(t, "file name")
	}
	encoded, err = m.Encode()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(manifests[0], encoded, 0o600))
}

func newFake(t *rapid.T, change func(*weaviatetest.FakeConfig)) *weaviatetest.Fake {
	config := weaviatetest.DefaultFakeConfig()
	change(&config)
	fake, err := weaviatetest.StartFake(config)
	require.NoError(t, err)
	return fake
}

func tempDir(t *rapid.T) string {
	folder, err := os.MkdirTemp("", "weaviate-backup-hostile-")
	require.NoError(t, err)
	return folder
}
