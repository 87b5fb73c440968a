package config_test

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
)

// entry is an input or an output of action.yml.
type entry struct {
	Description string `yaml:"description"`
	Default     string `yaml:"default"`
	Required    bool   `yaml:"required"`
}

// actionFile is action.yml, read without the code under test.
type actionFile struct {
	Name        string            `yaml:"name"`
	Description string            `yaml:"description"`
	Author      string            `yaml:"author"`
	Branding    map[string]string `yaml:"branding"`
	Inputs      map[string]entry  `yaml:"inputs"`
	Outputs     map[string]entry  `yaml:"outputs"`
	Runs        map[string]any    `yaml:"runs"`
}

func readAction(t *testing.T) actionFile {
	t.Helper()
	var file actionFile
	decoder := yaml.NewDecoder(bytes.NewReader(actionYAML(t)))
	decoder.KnownFields(true)
	require.NoError(t, decoder.Decode(&file))
	return file
}

func TestActionFile(t *testing.T) {
	t.Parallel()
	file := readAction(t)
	assert.NotEmpty(t, file.Name)
	assert.NotEmpty(t, file.Author)
	assert.Less(t, len(file.Description), 125, "the Marketplace cuts it")
	assert.Len(t, file.Branding, 2)
	assert.Equal(t, map[string]any{"using": "docker", "image": "Dockerfile", "entrypoint": "/usr/local/bin/weaviate-backup"}, file.Runs)

	id := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	example := regexp.MustCompile("Example: `[^`]+`$")
	check := func(name string, e entry) {
		assert.Regexp(t, id, name)
		assert.Regexp(t, example, e.Description, name)
		assert.NotRegexp(t, `[<>]|\$\{\{`, e.Description, "%s: Markdown and runners would read it as something else", name)
		assert.Equal(t, 0, strings.Count(e.Description, "`")%2, "%s: a code span is open", name)
	}
	for name, in := range file.Inputs {
		check(name, in)
		assert.Contains(t, in.Description, "Allowed: ", name)
		assert.NotContains(t, []string{"args", "entrypoint"}, name, "a runner takes these for itself")
	}
	for name, out := range file.Outputs {
		check(name, out)
		assert.Empty(t, out.Default, name)
	}
}

// others gives each input of action.yml a value that is not its default, beside
// those that it can't do without.
func others(t *testing.T) map[string]env {
	t.Helper()
	certificate, key := pair(t)
	return map[string]env{
		"command":             {"INPUT_COMMAND": "other"},
		"weaviate-url":        {"INPUT_WEAVIATE-URL": "http://other"},
		"api-key":             {"INPUT_API-KEY": "key"},
		"headers":             {"INPUT_HEADERS": "A: b"},
		"oidc-client-id":      {"INPUT_OIDC-CLIENT-ID": "other", "INPUT_OIDC-CLIENT-SECRET": "x"},
		"oidc-client-secret":  {"INPUT_OIDC-CLIENT-ID": "x", "INPUT_OIDC-CLIENT-SECRET": "other"},
		"oidc-issuer":         {"INPUT_OIDC-CLIENT-ID": "x", "INPUT_OIDC-CLIENT-SECRET": "x", "INPUT_OIDC-ISSUER": "https://other"},
		"oidc-scopes":         {"INPUT_OIDC-CLIENT-ID": "x", "INPUT_OIDC-CLIENT-SECRET": "x", "INPUT_OIDC-SCOPES": "other"},
		"ca-certificate":      {"INPUT_CA-CERTIFICATE": certificate},
		"client-certificate":  {"INPUT_CLIENT-CERTIFICATE": certificate, "INPUT_CLIENT-KEY": key},
		"client-key":          {"INPUT_CLIENT-CERTIFICATE": certificate, "INPUT_CLIENT-KEY": key},
		"collections":         {"INPUT_COLLECTIONS": "A"},
		"exclude-collections": {"INPUT_EXCLUDE-COLLECTIONS": "A"},
		"backup-path":         {"INPUT_COMMAND": "verify", "INPUT_BACKUP-PATH": "backups"},
		"max-age":             {"INPUT_COMMAND": "verify", "INPUT_BACKUP-PATH": "backups", "INPUT_MAX-AGE": "7h"},
		"rename":              restoring("INPUT_RENAME", "A: B"),
		"on-existing":         restoring("INPUT_ON-EXISTING", "skip"),
		"replication-factor":  restoring("INPUT_REPLICATION-FACTOR", "2"),
		"restore-tenants":     restoring("INPUT_RESTORE-TENANTS", "false"),
		"restore-aliases":     restoring("INPUT_RESTORE-ALIASES", "true"),
		"keep-partial":        restoring("INPUT_KEEP-PARTIAL", "true"),
		"against":             diffing("INPUT_AGAINST", "new.json"),
		"against-url":         diffing("INPUT_AGAINST-URL", "http://other"),
		"against-api-key":     diffing("INPUT_AGAINST-URL", "http://other", "INPUT_AGAINST-API-KEY", "key"),
		"fail-on":             diffing("INPUT_FAIL-ON", "none"),
		"ignore":              diffing("INPUT_IGNORE", "A.b"),
		"verbose":             diffing("INPUT_VERBOSE", "true"),
		"output-directory":    {"INPUT_OUTPUT-DIRECTORY": "other"},
		"outputs-file":        {"INPUT_OUTPUTS-FILE": "out.env"},
		"file-name":           {"INPUT_FILE-NAME": "stable"},
		"skip-unchanged":      {"INPUT_SKIP-UNCHANGED": "true"},
		"count-objects":       {"INPUT_COUNT-OBJECTS": "false"},
		"include-tenants":     {"INPUT_INCLUDE-TENANTS": "false"},
		"include-aliases":     {"INPUT_INCLUDE-ALIASES": "false"},
		"dry-run":             {"INPUT_DRY-RUN": "true"},
		"wait-for-ready":      {"INPUT_WAIT-FOR-READY": "7s"},
		"timeout":             {"INPUT_TIMEOUT": "7s"},
		"request-timeout":     {"INPUT_REQUEST-TIMEOUT": "7s"},
		"max-attempts":        {"INPUT_MAX-ATTEMPTS": "7"},
		"retry-max-wait":      {"INPUT_RETRY-MAX-WAIT": "7s"},
	}
}

// TestEveryInputIsRead gives each input of action.yml, alone, a value that is
// not its default; the Config must change, or a problem must name the input.
func TestEveryInputIsRead(t *testing.T) {
	t.Parallel()
	values := others(t)
	file := readAction(t)
	require.Equal(t, slices.Sorted(maps.Keys(file.Inputs)), slices.Sorted(maps.Keys(values)))
	for id, vars := range values {
		full := env{"WEAVIATE_URL": serverURL}
		maps.Copy(full, vars)
		asked := make(map[string]bool)
		load := func(vars env) (config.Config, error) {
			src := source(t, vars, nil)
			getenv := src.Getenv
			src.Getenv = func(name string) string { asked[name] = true; return getenv(name) }
			return config.Load(src)
		}
		cfg, err := load(full)
		if id == "command" {
			require.ErrorContains(t, err, "command: ")
			continue
		}
		require.NoError(t, err, id)
		delete(full, "INPUT_"+strings.ToUpper(id))
		without, err := load(full)
		if err == nil {
			assert.NotEqual(t, cfg, without, id)
		} else {
			require.ErrorContains(t, err, id+": ")
		}
		for other := range file.Inputs {
			assert.True(t, asked["INPUT_"+strings.ToUpper(other)], other)
		}
	}
}

// The help of a command shows the inputs that Load reads for it: with another
// value of one of these, and of no other, something else comes of Load.
func TestEachCommandReadsTheInputsOfItsHelp(t *testing.T) {
	t.Parallel()
	for _, command := range allCommands {
		text, err := config.Help(command)
		require.NoError(t, err)
		told := shown(text, inputLine)
		for id, vars := range others(t) {
			if id == "command" {
				continue
			}
			full := env{"WEAVIATE_URL": serverURL, "INPUT_BACKUP-PATH": "other"}
			maps.Copy(full, vars)
			full["INPUT_COMMAND"] = command
			cfg, err := config.Load(source(t, full, nil))
			delete(full, "INPUT_"+strings.ToUpper(id))
			without, errWithout := config.Load(source(t, full, nil))
			changes := !reflect.DeepEqual(cfg, without) || fmt.Sprint(err) != fmt.Sprint(errWithout)
			assert.Equal(t, slices.Contains(told, id), changes, "%s of %s", id, command)
		}
	}
}

// The description of an input that some commands don't read names those that do.
func TestDescriptionsNameTheCommands(t *testing.T) {
	t.Parallel()
	for id, in := range readAction(t).Inputs {
		named := regexp.MustCompile("not used by `[a-z]+`").ReplaceAllString(in.Description, "")
		var readers []string
		for _, command := range allCommands {
			text, err := config.Help(command)
			require.NoError(t, err)
			if slices.Contains(shown(text, inputLine), id) {
				readers = append(readers, command)
			}
		}
		if id == "command" || len(readers) == len(allCommands) {
			continue
		}
		for _, command := range allCommands {
			assert.Equal(t, slices.Contains(readers, command), strings.Contains(named, "`"+command+"`"), "%s: %s", id, command)
		}
	}
}

// What a command does not read may be anything.
func TestInputsOfOtherCommandsAreIgnored(t *testing.T) {
	t.Parallel()
	vars := env{"INPUT_COMMAND": "verify", "INPUT_BACKUP-PATH": "backups"}
	want, err := config.Load(source(t, vars, nil))
	require.NoError(t, err)
	for _, name := range []string{"DRY-RUN", "COUNT-OBJECTS", "OUTPUT-DIRECTORY", "COLLECTIONS", "ON-EXISTING", "FAIL-ON", "FILE-NAME"} {
		vars["INPUT_"+name] = "../no such thing"
	}
	got, err := config.Load(source(t, vars, nil))
	require.NoError(t, err)
	assert.Equal(t, want, got)
	vars["INPUT_COMMAND"] = "other"
	_, err = config.Load(source(t, vars, nil))
	require.ErrorContains(t, err, "count-objects: ", "an unknown command may mean any of them")
}

// restoring gives a restore with one input more.
func restoring(name, text string) env {
	return env{"INPUT_COMMAND": "restore", "INPUT_BACKUP-PATH": "backups", name: text}
}

// diffing gives a diff with more inputs: names and texts in turn.
func diffing(more ...string) env {
	vars := env{"INPUT_COMMAND": "diff", "INPUT_BACKUP-PATH": "backups"}
	for i := 0; i+1 < len(more); i += 2 {
		vars[more[i]] = more[i+1]
	}
	return vars
}

// TestDefaults holds the defaults of the file against what Load makes of them.
func TestDefaults(t *testing.T) {
	t.Parallel()
	vars := env{"WEAVIATE_URL": serverURL}
	for id, in := range readAction(t).Inputs {
		vars["INPUT_"+strings.ToUpper(id)] = in.Default
		assert.False(t, in.Required, "%s: which inputs are needed depends on the command", id)
	}
	cfg, err := config.Load(source(t, vars, nil))
	require.NoError(t, err)
	assert.Equal(t, want(nil), cfg)
}
