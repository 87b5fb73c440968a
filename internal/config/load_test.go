package config_test

import (
	"errors"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
)

const serverURL = "http://weaviate:8080"

// env is a set of environment variables.
type env map[string]string

// actionYAML gives the real action.yml.
func actionYAML(tb testing.TB) []byte {
	tb.Helper()
	text, err := os.ReadFile("../../action.yml")
	require.NoError(tb, err)
	return text
}

// source gives a Source over a map of variables and a map of files.
func source(tb testing.TB, vars env, files map[string]string, args ...string) config.Source {
	tb.Helper()
	return config.Source{
		Args:   args,
		Getenv: func(name string) string { return vars[name] },
		ReadFile: func(path string) ([]byte, error) {
			text, found := files[path]
			if !found {
				return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
			}
			return []byte(text), nil
		},
		Inside: func(path string) error {
			if !strings.HasPrefix(path, "/github/workspace/") {
				return errors.New(path + " is outside")
			}
			return nil
		},
		Plain:    func(path string) bool { return !strings.Contains(path, " ") },
		OfBackup: func(path string) bool { return strings.HasSuffix(path, ".json") },
	}
}

// want gives the Config of a run with nothing but an address, changed by edit.
func want(edit func(*config.Config)) config.Config {
	cfg := config.Config{
		Command: "backup",
		Server: config.Server{
			URL:            &url.URL{Scheme: "http", Host: "weaviate:8080"},
			WaitForReady:   time.Minute,
			RequestTimeout: time.Minute,
			RetryMaxWait:   30 * time.Second,
			MaxAttempts:    5,
		},
		OutputDirectory: "backups",
		FileName:        config.FileNameTimestamped,
		CountObjects:    true,
		IncludeTenants:  true,
		IncludeAliases:  true,
		Timeout:         10 * time.Minute,
	}
	if edit != nil {
		edit(&cfg)
	}
	if cfg.Command != config.CommandBackup {
		cfg.FileName = ""
	}
	return cfg
}

func TestLoadAccepts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		vars env
		args []string
		edit func(*config.Config)
	}{
		{name: "the address alone"},
		{
			name: "verify needs no address", vars: env{"INPUT_WEAVIATE-URL": "", "INPUT_BACKUP-PATH": "./backups/"}, args: []string{"verify"},
			edit: func(c *config.Config) { c.Command, c.BackupPath, c.Server.URL = "verify", "backups", nil },
		},
		{
			name: "verify with an address", vars: env{"INPUT_COMMAND": "verify", "INPUT_BACKUP-PATH": "b"},
			edit: func(c *config.Config) { c.Command, c.BackupPath = "verify", "b" },
		},
		{name: "backup does not look at backup-path", vars: env{"INPUT_BACKUP-PATH": "../x"}},
		{name: "backup does not look at what only restore uses", vars: env{
			"INPUT_RENAME": "x", "INPUT_ON-EXISTING": "x", "INPUT_REPLICATION-FACTOR": "x", "INPUT_RESTORE-TENANTS": "x",
			"INPUT_RESTORE-ALIASES": "x", "INPUT_KEEP-PARTIAL": "x",
		}},
		{
			name: "restore", vars: env{"INPUT_BACKUP-PATH": "b"}, args: []string{"restore"},
			edit: func(c *config.Config) {
				c.Command, c.BackupPath, c.OnExisting, c.RestoreTenants = "restore", "b", "fail", true
			},
		},
		{
			name: "every text input of restore",
			vars: env{
				"INPUT_COMMAND": "restore", "INPUT_BACKUP-PATH": "b/../c/", "INPUT_COLLECTIONS": "A*", "INPUT_EXCLUDE-COLLECTIONS": "AB",
				"INPUT_RENAME": "\nA: B\r\n\n  Article :Article_2 \n", "INPUT_ON-EXISTING": "update", "INPUT_REPLICATION-FACTOR": "100",
				"INPUT_RESTORE-TENANTS": "False", "INPUT_RESTORE-ALIASES": "TRUE", "INPUT_KEEP-PARTIAL": "true", "INPUT_DRY-RUN": "true",
			},
			edit: func(c *config.Config) {
				c.Command, c.BackupPath, c.Collections, c.ExcludeCollections = "restore", "c", []string{"A*"}, []string{"AB"}
				c.Rename = []config.Rename{{Old: "A", New: "B"}, {Old: "Article", New: "Article_2"}}
				c.OnExisting, c.ReplicationFactor = "update", 100
				c.RestoreAliases, c.KeepPartial, c.DryRun = true, true, true
			},
		},
		{name: "backup does not look at what only diff uses", vars: env{
			"INPUT_AGAINST": "../x", "INPUT_AGAINST-URL": "x", "INPUT_AGAINST-API-KEY": "a b", "INPUT_FAIL-ON": "x", "INPUT_IGNORE": "x", "INPUT_VERBOSE": "x",
		}},
		{name: "blanks count as not given", vars: env{"INPUT_TIMEOUT": " \n", "INPUT_COLLECTIONS": "\n", "INPUT_COMMAND": ""}},
		{
			name: "every text input of the runner",
			vars: env{
				"INPUT_COMMAND":             "backup",
				"INPUT_API-KEY":             " key-1\n",
				"INPUT_HEADERS":             "X-OpenAI-Api-Key: a:b\r\n\n  x-other :  c, d  \n",
				"INPUT_COLLECTIONS":         "B, A*\nC?,B,,\r\n A* ",
				"INPUT_EXCLUDE-COLLECTIONS": "Test_1",
				"INPUT_OUTPUT-DIRECTORY":    "./out//nightly/",
				"INPUT_OUTPUTS-FILE":        " ./out//a b.env\n",
				"INPUT_COUNT-OBJECTS":       "FALSE",
				"INPUT_INCLUDE-TENANTS":     "False",
				"INPUT_INCLUDE-ALIASES":     "false",
				"INPUT_DRY-RUN":             "True",
				"INPUT_WAIT-FOR-READY":      "0s",
				"INPUT_TIMEOUT":             "24h",
				"INPUT_REQUEST-TIMEOUT":     "1h",
				"INPUT_MAX-ATTEMPTS":        "20",
				"INPUT_RETRY-MAX-WAIT":      "1ms",
			},
			edit: func(c *config.Config) {
				c.Server.APIKey = "key-1"
				c.Server.Headers = []config.Header{{Name: "X-OpenAI-Api-Key", Value: "a:b"}, {Name: "x-other", Value: "c, d"}}
				c.Collections = []string{"B", "A*", "C?"}
				c.ExcludeCollections = []string{"Test_1"}
				c.OutputDirectory, c.OutputsFile = "out/nightly", "out/a b.env"
				c.CountObjects, c.IncludeTenants, c.IncludeAliases, c.DryRun = false, false, false, true
				c.Server.WaitForReady, c.Timeout, c.Server.RequestTimeout = 0, 24*time.Hour, time.Hour
				c.Server.MaxAttempts, c.Server.RetryMaxWait = 20, time.Millisecond
			},
		},
		{
			name: "client credentials",
			vars: env{"INPUT_OIDC-CLIENT-ID": "ci", "INPUT_OIDC-CLIENT-SECRET": "s p", "INPUT_OIDC-SCOPES": "openid email,api://x/.default\nopenid", "INPUT_OIDC-ISSUER": "https://login.example.com/realms/ci/"},
			edit: func(c *config.Config) {
				c.Server.OIDC = &config.OIDC{ClientID: "ci", ClientSecret: "s p", Issuer: "https://login.example.com/realms/ci/", Scopes: []string{"openid", "email", "api://x/.default"}}
			},
		},
		{
			name: "an Authorization header alone",
			vars: env{"INPUT_HEADERS": "Authorization: Basic x"},
			edit: func(c *config.Config) {
				c.Server.Headers = []config.Header{{Name: "Authorization", Value: "Basic x"}}
			},
		},
		{
			name: "command and flags in any order",
			args: []string{"-json", "backup", "--dry-run", "--include-aliases=false", "-timeout", "5m"},
			edit: func(c *config.Config) {
				c.JSON, c.DryRun, c.IncludeAliases, c.Timeout = true, true, false, 5*time.Minute
			},
		},
		{name: "the command twice, the same", args: []string{"backup", "--command=backup"}},
		{name: "empty arguments", args: []string{"", "--timeout=", "--api-key", ""}},
		{name: "the command behind --", args: []string{"--", "backup"}},
		{
			name: "lists add up, of others the last counts",
			args: []string{"--collections", "A", "--collections", "B,C", "--timeout", "1m", "--timeout", "2m", "--headers", "A: 1", "--headers=B: 2"},
			edit: func(c *config.Config) {
				c.Collections, c.Timeout = []string{"A", "B", "C"}, 2*time.Minute
				c.Server.Headers = []config.Header{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}}
			},
		},
		{
			name: "request-timeout longer than timeout",
			vars: env{"INPUT_TIMEOUT": "10s", "INPUT_REQUEST-TIMEOUT": "20s"},
			edit: func(c *config.Config) { c.Timeout, c.Server.RequestTimeout = 10*time.Second, 20*time.Second },
		},
		{
			name: "an absolute directory, for others to judge",
			vars: env{"INPUT_OUTPUT-DIRECTORY": "/github/workspace/a/../b"},
			edit: func(c *config.Config) { c.OutputDirectory = "/github/workspace/b" },
		},
		{name: "any directory without outputs-file", vars: env{"INPUT_OUTPUT-DIRECTORY": "a b"}, edit: func(c *config.Config) { c.OutputDirectory = "a b" }},
		{
			name: "verify has no use for the directory", args: []string{"verify", "--backup-path", "b", "--outputs-file", "/github/workspace/o"},
			vars: env{"INPUT_OUTPUT-DIRECTORY": "a b"},
			edit: func(c *config.Config) {
				c.Command, c.BackupPath, c.OutputsFile = "verify", "b", "/github/workspace/o"
			},
		},
		{
			name: "json by its alias",
			vars: env{"WEAVIATE_BACKUP_JSON": "true", "INPUT_JSON": "neither this"},
			edit: func(c *config.Config) { c.JSON = true },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			vars := env{"INPUT_WEAVIATE-URL": serverURL}
			for name, text := range tt.vars {
				vars[name] = text
			}
			cfg, err := config.Load(source(t, vars, nil, tt.args...))
			require.NoError(t, err)
			assert.Equal(t, want(tt.edit), cfg)
		})
	}
}

func TestLoadAcceptsURL(t *testing.T) {
	t.Parallel()
	tests := []struct{ given, want string }{
		{"http://weaviate:8080", "http://weaviate:8080"},
		{"HTTPS://Weaviate.Example.com/", "https://Weaviate.Example.com"},
		{" https://h/base/path// \n", "https://h/base/path"},
		{"http://[::1]:8080", "http://[::1]:8080"},
		{"http://[fe80::1%25eth0]:8080/x/", "http://[fe80::1%25eth0]:8080/x"},
		{"http://127.0.0.1", "http://127.0.0.1"},
		{"http://my_service:1/a%2Fb/", "http://my_service:1/a%2Fb"},
		{"http://h/a%40b", "http://h/a%40b"},
		{"http://h/v1/weaviate", "http://h/v1/weaviate"},
		{"http://bücher.example:65535", "http://b%C3%BCcher.example:65535"},
	}
	for _, tt := range tests {
		t.Run(tt.given, func(t *testing.T) {
			t.Parallel()
			cfg, err := config.Load(source(t, env{"WEAVIATE_URL": tt.given}, nil))
			require.NoError(t, err)
			assert.Equal(t, tt.want, cfg.Server.URL.String())
			assert.False(t, strings.HasSuffix(cfg.Server.URL.Path, "/"))
		})
	}
}

// TestPrecedence holds Load against the rule in the package comment, for every
// set of sources that have a value.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		durations := []string{"11s", "12s", "13s"}
		names := []string{"", "INPUT_TIMEOUT", "WEAVIATE_BACKUP_TIMEOUT"}
		want := 10 * time.Minute
		vars := env{"WEAVIATE_URL": serverURL}
		var args []string
		for i := 2; i >= 0; i-- {
			switch rapid.SampledFrom([]string{"given", "empty", "unset"}).Draw(t, names[i]) {
			case "given":
				want = time.Duration(11+i) * time.Second
				vars[names[i]] = durations[i]
				if i == 0 {
					args = []string{"--timeout", durations[i]}
				}
			case "empty":
				vars[names[i]] = ""
				if i == 0 {
					args = []string{"--timeout="}
				}
			}
		}
		cfg, err := config.Load(config.Source{Args: args, Getenv: func(name string) string { return vars[name] }})
		require.NoError(t, err)
		assert.Equal(t, want, cfg.Timeout)
	})
}

func TestHelpAndVersionAreAskedFor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args  []string
		want  error
		topic string
	}{
		{[]string{"--help"}, config.ErrHelp, ""},
		{[]string{"-h"}, config.ErrHelp, ""},
		{[]string{"help"}, config.ErrHelp, ""},
		{[]string{"help", "--json"}, config.ErrHelp, ""},
		{[]string{"help", "restore"}, config.ErrHelp, "restore"},
		{[]string{"backup", "--nonsense", "-help"}, config.ErrHelp, "backup"},
		{[]string{"--help", "verify"}, config.ErrHelp, "verify"},
		{[]string{"--command", "diff", "-h"}, config.ErrHelp, "diff"},
		{[]string{"--command", "nonsense", "-h"}, config.ErrHelp, ""},
		{[]string{"nonsense", "--help"}, config.ErrHelp, ""},
		{[]string{"--collections", "--help"}, config.ErrHelp, ""},
		{[]string{"--version"}, config.ErrVersion, ""},
		{[]string{"version"}, config.ErrVersion, ""},
		{[]string{"--nonsense", "--version"}, config.ErrVersion, ""},
		{[]string{"--version", "--help"}, config.ErrHelp, ""},
	}
	for _, tt := range tests {
		cfg, err := config.Load(source(t, env{"INPUT_COMMAND": "verify"}, nil, tt.args...))
		require.ErrorIs(t, err, tt.want, "%q", tt.args)
		assert.Equal(t, config.Config{Command: tt.topic}, cfg, "%q", tt.args)
	}
	_, err := config.Load(source(t, nil, nil, "help", "nonsense"))
	require.EqualError(t, err, `argument: "nonsense" is not a command; there is: backup, verify, restore, diff`)
}

// A path that is fit for outputs-file is given beside the problems: an earlier file
// there must not pass for the outputs of this run.
func TestOutputsFileBesideProblems(t *testing.T) {
	t.Parallel()
	const allowed = " holds a character that the file of outputs-file can't hold; allowed with it: letters, digits and _ . / : @ % + , = -"
	for _, tt := range []struct {
		vars env
		want string
	}{
		{env{"INPUT_TIMEOUT": "soon"}, `timeout: "soon" is not a duration; allowed: a duration above 0s, up to 24h, for example 90s or 10m`},
		{env{"INPUT_OUTPUT-DIRECTORY": "a b"}, `output-directory: "a b"` + allowed},
		{env{"INPUT_OUTPUT-DIRECTORY": "a b", "INPUT_COMMAND": "diff", "INPUT_BACKUP-PATH": "c d"}, `output-directory: "a b"` + allowed},
		{env{"INPUT_OUTPUT-DIRECTORY": "a b", "INPUT_COMMAND": "verify", "INPUT_BACKUP-PATH": "c d"}, `backup-path: "c d"` + allowed},
		{env{"INPUT_OUTPUT-DIRECTORY": "a b", "INPUT_COMMAND": "restore", "INPUT_BACKUP-PATH": "c d"}, `backup-path: "c d"` + allowed},
	} {
		vars := maps.Clone(tt.vars)
		vars["WEAVIATE_URL"], vars["INPUT_OUTPUTS-FILE"] = serverURL, "./o.env"
		cfg, err := config.Load(source(t, vars, nil))
		require.EqualError(t, err, tt.want)
		assert.Equal(t, config.Config{OutputsFile: "o.env"}, cfg)
	}
}
