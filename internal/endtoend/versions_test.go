package endtoend_test

import (
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

var (
	versions = flag.String("versions", "",
		`servers that TestVersions tries: exact versions with commas between, or "all" for those of the matrix in .github/TESTING.md; `+
			`empty: only `+weaviatetest.DefaultVersion+`, with a part of the corpus`)
	updateVersions = flag.Bool("update", false, "rewrite the lines of testdata/versions.md that TestVersions finds otherwise")
)

// objectsEach is how many objects a collection, or its one active tenant, gets.
const objectsEach = 3

// suffix is what the collections that are restored beside the originals get.
const suffix = "_restored"

// matrixFile is the matrix as .github/TESTING.md shows it (go test ./internal/readme -update).
const matrixFile = "../../testdata/versions.md"

const matrixHead = "| Weaviate | `backup` | `verify` | `restore` | `diff` | Notes |\n|---|---|---|---|---|---|\n"

// TestVersions carries out every command on real servers of other releases, with
// all collections of the corpus that the release takes, and holds what came of it
// against the matrix.
func TestVersions(t *testing.T) {
	t.Parallel()
	matrix, order := readMatrix(t)
	chosen := order
	switch *versions {
	case "all":
	case "":
		v := newVersionTry(t, weaviatetest.DefaultVersion, someFeatures)
		v.line()
		return
	default:
		chosen = strings.Split(*versions, ",")
	}
	var mu sync.Mutex
	t.Cleanup(func() {
		text := matrixText(matrix, order)
		t.Logf("%s:\n%s", matrixFile, text)
		if *updateVersions && !t.Failed() {
			assert.NoError(t, os.WriteFile(matrixFile, []byte(text), 0o644))
		}
	})
	for _, version := range chosen {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			line := newVersionTry(t, version, nil).line()
			mu.Lock()
			defer mu.Unlock()
			if !*updateVersions {
				assert.Equal(t, matrix[version], line, "go test ./internal/endtoend -run TestVersions -versions all -update")
			}
			matrix[version] = line
		})
	}
}

// readMatrix gives the lines of the matrix by version, and the versions in order.
func readMatrix(t *testing.T) (lines map[string]string, order []string) {
	t.Helper()
	data, err := os.ReadFile(matrixFile)
	require.NoError(t, err)
	rest, ok := strings.CutPrefix(string(data), matrixHead)
	require.True(t, ok, "%s does not begin with the head of the matrix", matrixFile)
	lines = make(map[string]string)
	for line := range strings.Lines(rest) {
		version, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		require.True(t, ok, line)
		lines[version] = line
		order = append(order, version)
	}
	return lines, order
}

func matrixText(lines map[string]string, order []string) string {
	text := matrixHead
	for _, version := range order {
		text += lines[version]
	}
	return text
}

// someFeatures are the part of the corpus that is tried when no version is named.
// TestRealRoundTrip of internal/restore has all of it on that server.
var someFeatures = []string{"legacy_none", "mt", "mt_refs", "named", "nested", "cyc_a", "cyc_b", "multitarget", "shard3", "odd_text"}

// versionTry is one version on its way through the commands.
type versionTry struct {
	t       *testing.T
	server  *weaviatetest.Server
	program program
	has     holds
	tenants int
}

func newVersionTry(t *testing.T, version string, features []string) *versionTry {
	t.Helper()
	env := weaviatetest.CorpusEnv()
	if features != nil {
		env = nil // they need none of it, and dictionaries take their time
	}
	server := weaviatetest.Run(t, weaviatetest.Options{Version: version, Env: env})
	v := &versionTry{t: t, server: server, program: program{t, t.TempDir()}}
	v.fill(features)
	return v
}

// line carries out every command, and gives the line of the matrix.
func (v *versionTry) line() string {
	backup := v.backup()
	v.unchanged()
	cells := []string{v.server.Version, backup, v.verify(), v.restore(), v.diff(), v.notes()}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// fill gives the server the corpus, tenants, objects and an alias.
func (v *versionTry) fill(features []string) {
	weaviatetest.LoadCorpus(v.t, v.server, features...)
	for _, class := range read(v.t, v.server).classes {
		name, tenant := fmt.Sprint(class["class"]), ""
		if isMultiTenant(class) {
			tenant = "hot"
			v.server.AddTenants(v.t, name, weaviatetest.Tenant{Name: tenant}, weaviatetest.Tenant{Name: "cold", ActivityStatus: "COLD"})
			v.tenants += 2
		}
		v.server.InsertObjects(v.t, name, tenant, objectsEach)
	}
	if hasAliases(v.t, v.server) {
		v.server.MustRequest(v.t, http.MethodPost, "/v1/aliases", map[string]string{"alias": "Circle", "class": "CycA"})
	}
	v.has = read(v.t, v.server)
	require.GreaterOrEqual(v.t, len(v.has.classes), 10)
}

// backup saves everything, and compares each file with what the server shows.
func (v *versionTry) backup() string {
	v.program.run("backup", "--weaviate-url", v.server.URL)
	v.program.hasSaved(v.has, objectsEach)
	return fmt.Sprintf("%d collections, %d tenants", len(v.has.classes), v.tenants)
}

// unchanged compares with the server as it was saved. A node that can say that it is
// alone shows its own copy, in its own order of keys, and its leader is not asked.
func (v *versionTry) unchanged() {
	proxy := weaviatetest.NewProxy(v.t, v.server.URL)
	v.program.run("diff", "--weaviate-url", proxy.URL, "--backup-path", "backups")
	want := "false"
	if !schema.AtLeast(v.server.Version, "1.25") {
		want = "true"
	}
	assert.Equal(v.t, []string{want}, schemaReads(proxy))
}

// verify checks the files, with and without the server, and once more when one of
// them is damaged.
func (v *versionTry) verify() string {
	v.program.run("verify", "--backup-path", "backups")
	v.program.run("verify", "--backup-path", "backups", "--weaviate-url", v.server.URL)
	path := v.program.file("CycA")
	whole, err := os.ReadFile(path)
	require.NoError(v.t, err)
	require.NoError(v.t, os.WriteFile(path, []byte(strings.Replace(string(whole), "CycB", "CycC", 1)), 0o644))
	v.program.exits(3, "verify", "--backup-path", "backups")
	require.NoError(v.t, os.WriteFile(path, whole, 0o644))
	return "whole; damage found"
}

// restore brings everything back beside the originals, and into the emptied server.
func (v *versionTry) restore() string {
	want := v.has
	want.classes = slices.Clone(want.classes)
	for i, class := range want.classes {
		want.classes[i] = withoutGenerations(class)
	}
	v.program.run("restore", "--weaviate-url", v.server.URL, "--backup-path", "backups", "--rename", "{name}"+suffix)
	original, beside := part(v.t, read(v.t, v.server), suffix)
	assert.Equal(v.t, v.has, original)
	beside.aliases = want.aliases // no server takes the same alias twice
	assert.Equal(v.t, want, beside)

	empty(v.t, v.server)
	v.program.run("restore", "--weaviate-url", v.server.URL, "--backup-path", "backups", "--restore-aliases=true")
	assert.Equal(v.t, want, read(v.t, v.server))
	return "the same, beside and instead"
}

// withoutGenerations is a definition without the numbers that a server since 1.38
// counts the files of its properties by: new files begin anew.
func withoutGenerations(class map[string]any) map[string]any {
	properties, ok := class["properties"].([]any)
	if !ok {
		return class
	}
	class = maps.Clone(class)
	list := slices.Clone(properties)
	for i, property := range list {
		if property, ok := property.(map[string]any); ok {
			property = maps.Clone(property)
			delete(property, "bucketGeneration")
			list[i] = property
		}
	}
	class["properties"] = list
	return class
}

// diff compares with the live server, before and after it gets another property.
func (v *versionTry) diff() string {
	args := []string{"diff", "--weaviate-url", v.server.URL, "--backup-path", "backups"}
	v.program.run(args...)
	v.server.MustRequest(v.t, http.MethodPost, "/v1/schema/CycA/properties", map[string]any{"name": "drift", "dataType": []string{"int"}})
	log := v.program.exits(3, args...)
	assert.Contains(v.t, log, "1 change, 0 of them breaking; the first: CycA.properties.drift added (additive)")
	return "none; a new property found"
}

// notes say what the version lacks.
func (v *versionTry) notes() string {
	notes := []string{fmt.Sprintf("takes %d of the %d definitions", len(v.has.classes), len(weaviatetest.Corpus(v.t)))}
	if !hasAliases(v.t, v.server) {
		notes = append(notes, "no aliases")
	}
	status, _, err := v.server.Request(v.t.Context(), http.MethodGet, "/v1/users/own-info", nil)
	require.NoError(v.t, err)
	if status == http.StatusNotFound {
		notes = append(notes, "does not tell a key's rights")
	}
	return strings.Join(notes, "; ")
}
