package config_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
)

// problems loads the source, which must fail, and gives the lines of the error.
func problems(t *testing.T, src config.Source) []string {
	t.Helper()
	cfg, err := config.Load(src)
	var bad *config.Error
	require.ErrorAs(t, err, &bad)
	assert.Zero(t, cfg)
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, bad.Problems, len(lines), "one line per problem")
	return lines
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	const durationHint = ", for example 90s or 10m"
	tests := []struct {
		name string
		vars env
		args []string
		want []string
	}{
		{
			name: "commas alone, which would mean all", vars: env{"INPUT_COLLECTIONS": ","},
			want: []string{`collections: "," names no collection; leave it empty for all`},
		},
		{
			name: "a key without a server", vars: env{"INPUT_COMMAND": "verify", "INPUT_API-KEY": "k", "INPUT_BACKUP-PATH": "b", "INPUT_WEAVIATE-URL": ""},
			want: []string{"weaviate-url: is empty, and api-key is given: verify would not ask a server; give both, or neither"},
		},
		{
			name: "an unknown command", vars: env{"INPUT_COMMAND": "bakup"},
			want: []string{`command: "bakup" is not a command; there is: backup, verify, restore, diff`},
		},
		{
			name: "an unknown first argument", args: []string{"restart"},
			want: []string{`command (from the first argument): "restart" is not a command; there is: backup, verify, restore, diff`},
		},
		{
			name: "two commands", args: []string{"backup", "--command", "verify", "--backup-path", "x"},
			want: []string{
				`command (from --command): "verify" is not the command of the first argument; give only one of the two`,
			},
		},
		{
			name: "verify without a path", args: []string{"verify"},
			want: []string{"backup-path: is required by verify: the path of a snapshot, of a manifest, or of the folder that holds them"},
		},
		{
			name: "verify of a path outside", args: []string{"verify", "--backup-path", "../x"},
			want: []string{`backup-path (from --backup-path): "../x" leaves the workspace, off GitHub the current folder; allowed: a path inside it, for example backups`},
		},
		{
			name: "restore without a path and an address", vars: env{"INPUT_WEAVIATE-URL": ""}, args: []string{"restore"},
			want: []string{
				`weaviate-url: is required: give the input weaviate-url, the flag --weaviate-url or the environment variable WEAVIATE_URL ` +
					`(a secret is empty in a pull request from a fork)`,
				"backup-path: is required by restore: the path of a snapshot, of a manifest, or of the folder that holds them",
			},
		},
		{
			name: "booleans", vars: env{"INPUT_DRY-RUN": "yes", "WEAVIATE_BACKUP_COUNT_OBJECTS": "1"}, args: []string{"--json=on"},
			want: []string{
				`count-objects (from WEAVIATE_BACKUP_COUNT_OBJECTS): "1" is not a boolean; allowed: true, True, TRUE, false, False or FALSE`,
				`dry-run: "yes" is not a boolean; allowed: true, True, TRUE, false, False or FALSE`,
				`json (from --json): "on" is not a boolean; allowed: true, True, TRUE, false, False or FALSE`,
			},
		},
		{
			name: "durations and numbers",
			vars: env{
				"INPUT_WAIT-FOR-READY": "-1s", "INPUT_REQUEST-TIMEOUT": "soon", "INPUT_MAX-ATTEMPTS": "0",
				"INPUT_RETRY-MAX-WAIT": "0s", "INPUT_TIMEOUT": "10",
			},
			want: []string{
				`wait-for-ready: "-1s" is out of range; allowed: a duration from 0s to 1h`,
				`request-timeout: "soon" is not a duration; allowed: a duration above 0s, up to 1h` + durationHint,
				`max-attempts: "0" is not allowed; allowed: a whole number from 1 to 20`,
				`retry-max-wait: "0s" is out of range; allowed: a duration above 0s, up to 1h`,
				`timeout: "10" has no unit; allowed: a duration above 0s, up to 24h` + durationHint,
			},
		},
		{
			name: "too long and too many", vars: env{"INPUT_TIMEOUT": "24h1s", "INPUT_MAX-ATTEMPTS": "21", "INPUT_REQUEST-TIMEOUT": "99999999h"},
			want: []string{
				`request-timeout: "99999999h" is not a duration; allowed: a duration above 0s, up to 1h` + durationHint,
				`max-attempts: "21" is not allowed; allowed: a whole number from 1 to 20`,
				`timeout: "24h1s" is out of range; allowed: a duration above 0s, up to 24h`,
			},
		},
		{
			name: "patterns", vars: env{"INPUT_COLLECTIONS": "Good, Do cs\nA-b"}, args: []string{"--exclude-collections", "[ab]"},
			want: []string{
				`collections: "Do cs" is not a name or glob: character ' ' is not allowed: use letters, digits, _, and the wildcards * and ?`,
				`collections: "A-b" is not a name or glob: character '-' is not allowed: use letters, digits, _, and the wildcards * and ?`,
				`exclude-collections (from --exclude-collections): "[ab]" is not a name or glob: ` +
					`character '[' is not allowed: use letters, digits, _, and the wildcards * and ?`,
			},
		},
		{
			name: "a directory outside", vars: env{"INPUT_OUTPUT-DIRECTORY": "a/../../b"},
			want: []string{`output-directory: "a/../../b" leaves the workspace, off GitHub the current folder; allowed: a path inside it, for example backups`},
		},
		{
			name: "an absolute directory outside", vars: env{"INPUT_OUTPUT-DIRECTORY": "/github/workspace/../b"},
			want: []string{`output-directory: "/github/workspace/../b" leaves the workspace, off GitHub the current folder; allowed: a path inside it, for example backups`},
		},
		{
			name: "outputs-file outside", vars: env{"WEAVIATE_BACKUP_OUTPUTS_FILE": "../o", "INPUT_OUTPUT-DIRECTORY": "a b"},
			want: []string{`outputs-file (from WEAVIATE_BACKUP_OUTPUTS_FILE): "../o" leaves the workspace, off GitHub the current folder; allowed: a path inside it, for example outputs.env`},
		},
		{
			name: "a flag of another command", args: []string{"--backup-path", "b", "--on-existing=update", "--weaviate-url", "http://h:1"},
			want: []string{
				"backup-path (from --backup-path): is a flag of verify, restore and diff, and the command is backup, as none was given; a command comes first, as in weaviate-backup verify",
				"on-existing (from --on-existing): is a flag of restore, and the command is backup, as none was given; a command comes first, as in weaviate-backup restore",
			},
		},
		{
			name: "a flag of another command than the one that was given", args: []string{"verify", "--backup-path", "b", "--dry-run=false"},
			want: []string{"dry-run (from --dry-run): is a flag of backup and restore, and the command is verify"},
		},
		{
			name: "outputs-file in the place of a snapshot", args: []string{"--outputs-file", "Doc_v2_schema_20260102_030405.json"},
			want: []string{`outputs-file (from --outputs-file): "Doc_v2_schema_20260102_030405.json" has a name that files of a backup have, and would be taken for one of them; choose another, for example outputs.env`},
		},
		{
			name: "outputs-file in the place of the workspace", args: []string{"--outputs-file", "a/.."},
			want: []string{`outputs-file (from --outputs-file): "a/.." is the workspace itself; allowed: the path of a file inside it, for example outputs.env`},
		},
		{
			name: "a directory of two lines", vars: env{"INPUT_OUTPUT-DIRECTORY": "a\nb\u202e"},
			want: []string{
				`output-directory: "a\nb\u202e" holds a line break or another control character; allowed: one path inside the workspace`,
			},
		},
		{
			name: "a long value", vars: env{"INPUT_COMMAND": strings.Repeat("x", 119) + "é" + strings.Repeat("y", 900)},
			want: []string{`command: "` + strings.Repeat("x", 119) + `"… is not a command; there is: backup, verify, restore, diff`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			vars := env{"INPUT_WEAVIATE-URL": serverURL}
			for name, text := range tt.vars {
				vars[name] = text
			}
			assert.Equal(t, tt.want, problems(t, source(t, vars, nil, tt.args...)))
		})
	}
}

func TestLoadRefusesURL(t *testing.T) {
	t.Parallel()
	const (
		example     = ", for example http://weaviate:8080"
		credentials = `weaviate-url: has an @, so it may hold credentials (not shown); give them by api-key, headers or the OIDC inputs ` +
			`(an @ of the path is written %40)`
		scheme = ` has no scheme; allowed: a URL that starts with http:// or https://, `
	)
	tests := []struct{ given, want string }{
		{"", `weaviate-url: is required: give the input weaviate-url, the flag --weaviate-url or the environment variable WEAVIATE_URL ` +
			`(a secret is empty in a pull request from a fork)`},
		{"http://admin:s3cret@weaviate:8080", credentials},
		{"http://s3cret@weaviate:8080", credentials},
		{"http://admin:s3/cret@weaviate:8080", credentials},
		{"admin:s3cret@weaviate", credentials},
		{"localhost:8080", `weaviate-url: "localhost:8080"` + scheme + `did you mean http://localhost:8080?`},
		{"[::1]:8080", `weaviate-url: "[::1]:8080"` + scheme + `did you mean http://[::1]:8080?`},
		{"weaviate/base", `weaviate-url: "weaviate/base"` + scheme + `did you mean http://weaviate/base?`},
		{"not a url", `weaviate-url: "not a url"` + scheme + `for example http://weaviate:8080`},
		{"ftp://weaviate", `weaviate-url: "ftp://weaviate" has the wrong scheme; allowed: http and https` + example},
		{"grpc://weaviate:50051", `weaviate-url: "grpc://weaviate:50051" has the wrong scheme; allowed: http and https` + example},
		{"http://h:8080?token=s3cret", `weaviate-url: "http://h:8080?…" has a query or a fragment; allowed: scheme, host, port and base path` + example},
		{"http://h:8080/#s3cret", `weaviate-url: "http://h:8080/#…" has a query or a fragment; allowed: scheme, host, port and base path` + example},
		{"http://h:8080/?", `weaviate-url: "http://h:8080/?…" has a query or a fragment; allowed: scheme, host, port and base path` + example},
		{"http://h:80a?s3cret", `weaviate-url: "http://h:80a?…" is not a URL` + example},
		{"localhost?s3cret", `weaviate-url: "localhost?…"` + scheme + `for example http://weaviate:8080`},
		{"localhost/#s3cret", `weaviate-url: "localhost/#…"` + scheme + `for example http://weaviate:8080`},
		{"http://h:80a", `weaviate-url: "http://h:80a" is not a URL (invalid port ":80a" after host)` + example},
		{"http://", `weaviate-url: "http://" has no host` + example},
		{"http://:8080/x", `weaviate-url: "http://:8080/x" has no host` + example},
		{"http://h:", `weaviate-url: "http://h:" has a bad port; allowed: 1 to 65535` + example},
		{"http://h:0", `weaviate-url: "http://h:0" has a bad port; allowed: 1 to 65535` + example},
		{"http://h:65536", `weaviate-url: "http://h:65536" has a bad port; allowed: 1 to 65535` + example},
		{"http://<h>", `weaviate-url: "http://<h>" has a host that is neither a name nor an IP address` + example},
		{"http://h:8080/v1/", `weaviate-url: "http://h:8080/v1/" ends in /v1, which is added to it; give the address without` + example},
	}
	for _, tt := range tests {
		t.Run(tt.given, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, []string{tt.want}, problems(t, source(t, env{"INPUT_WEAVIATE-URL": tt.given}, nil)))
		})
	}
}

func TestLoadRefusesCredentials(t *testing.T) {
	t.Parallel()
	const fork = " (a secret is empty in a pull request from a fork)"
	tests := []struct {
		name string
		vars env
		want []string
	}{
		{
			name: "a key with its scheme", vars: env{"WEAVIATE_API_KEY": "bearer s3cret"},
			want: []string{`api-key (from WEAVIATE_API_KEY): must be the key alone, without the word Bearer`},
		},
		{
			name: "a key of two lines", vars: env{"INPUT_API-KEY": "s3cret\ns3cret"},
			want: []string{`api-key: holds a blank, a line break or a character outside ASCII; allowed: the key alone`},
		},
		{
			name: "headers",
			vars: env{"INPUT_HEADERS": "Good: 1\ns3cret\nhost: s3cret\n\nTE: s3cret\nBad Name: s3cret\n: s3cret\ngood: s3cret\nEmpty:\nX: a\x00s3cret\nY: a\rs3cret"},
			want: []string{
				`headers: line 2 has no colon; allowed: Name: value`,
				`headers: line 3: Host comes from weaviate-url and can't be given`,
				`headers: line 5: Te belongs to the connection (RFC 9110, section 7.6.1) and can't be given`,
				"headers: line 6 has a bad name; allowed: letters, digits and !#$%&'*+-.^_`|~",
				"headers: line 7 has a bad name; allowed: letters, digits and !#$%&'*+-.^_`|~",
				`headers: line 8 has the name of line 1; allowed: each name once`,
				`headers: line 9 has no value` + fork,
				`headers: line 10 has a control character in its value`,
				`headers: line 11 has a control character in its value`,
			},
		},
		{
			name: "a header that the program sets", vars: env{"INPUT_HEADERS": "accept-encoding: gzip"},
			want: []string{`headers: line 1: Accept-Encoding is set by this program and can't be given`},
		},
		{
			name: "Authorization and a key", vars: env{"INPUT_HEADERS": "authorization: Bearer s3cret", "INPUT_API-KEY": "s3cret"},
			want: []string{`headers: has an Authorization beside api-key or the OIDC inputs; give only one of them`},
		},
		{
			name: "Authorization and client credentials",
			vars: env{"INPUT_HEADERS": "Authorization: s3cret", "INPUT_OIDC-CLIENT-ID": "ci", "INPUT_OIDC-CLIENT-SECRET": "s3cret"},
			want: []string{`headers: has an Authorization beside api-key or the OIDC inputs; give only one of them`},
		},
		{
			name: "client credentials and a key",
			vars: env{"INPUT_OIDC-CLIENT-ID": "ci", "INPUT_OIDC-CLIENT-SECRET": "s3cret", "INPUT_API-KEY": "s3cret"},
			want: []string{`api-key: is given beside the OIDC inputs; give only one of the two`},
		},
		{
			name: "an id alone", vars: env{"INPUT_OIDC-CLIENT-ID": "ci"},
			want: []string{`oidc-client-secret: is missing beside oidc-client-id` + fork},
		},
		{
			name: "a secret alone", vars: env{"INPUT_OIDC-CLIENT-SECRET": "s3cret"},
			want: []string{`oidc-client-id: is missing beside oidc-client-secret`},
		},
		{
			name: "scopes alone", vars: env{"INPUT_OIDC-SCOPES": "openid"},
			want: []string{`oidc-scopes: "openid" needs oidc-client-id and oidc-client-secret too`},
		},
		{
			name: "an issuer alone", vars: env{"INPUT_OIDC-ISSUER": "https://login.example.com"},
			want: []string{`oidc-issuer: "https://login.example.com" needs oidc-client-id and oidc-client-secret too`},
		},
		{
			name: "a bad scope",
			vars: env{"INPUT_OIDC-CLIENT-ID": "ci", "INPUT_OIDC-CLIENT-SECRET": "s3cret", "INPUT_OIDC-SCOPES": `openid a"b`},
			want: []string{`oidc-scopes: "a\"b" is not a scope; allowed: ASCII without ", \ and control characters (RFC 6749, section 3.3)`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.vars["INPUT_WEAVIATE-URL"] = serverURL
			got := problems(t, source(t, tt.vars, nil))
			assert.Equal(t, tt.want, got)
			assert.NotContains(t, strings.Join(got, "\n"), "s3cret")
		})
	}
}

// An issuer gets a secret, so it must be an address; it may hold one, so it is not shown.
func TestBadIssuer(t *testing.T) {
	t.Parallel()
	for _, issuer := range []string{
		"login.example.com", "ftp://login.example.com", "https://", "https://ci:s3cret@login.example.com", "https://login.example.com?s3cret", "https://login.example.com#s3cret", "https://s3cret%zz",
	} {
		got := problems(t, source(t, env{"INPUT_WEAVIATE-URL": "http://weaviate", "INPUT_OIDC-CLIENT-ID": "ci", "INPUT_OIDC-CLIENT-SECRET": "x", "INPUT_OIDC-ISSUER": issuer}, nil))
		assert.Equal(t, []string{
			"oidc-issuer: is not an issuer (not shown); allowed: an http or https URL without credentials, query and fragment, such as https://login.example.com",
		}, got, issuer)
	}
}

// TestEverythingAtOnce makes every input bad; each must be named.
func TestEverythingAtOnce(t *testing.T) {
	t.Parallel()
	vars := env{
		"INPUT_COMMAND": "x", "INPUT_WEAVIATE-URL": "x", "INPUT_API-KEY": "x y", "INPUT_HEADERS": "x", "INPUT_OIDC-CLIENT-SECRET": "x",
		"INPUT_OIDC-ISSUER": "x", "INPUT_OIDC-SCOPES": `"`, "INPUT_CA-CERTIFICATE": "x", "INPUT_CLIENT-CERTIFICATE": "x", "INPUT_CLIENT-KEY": "x",
		"INPUT_COLLECTIONS": "-", "INPUT_EXCLUDE-COLLECTIONS": "-", "INPUT_OUTPUT-DIRECTORY": "..", "INPUT_OUTPUTS-FILE": "..", "INPUT_COUNT-OBJECTS": "x",
		"INPUT_INCLUDE-TENANTS": "x", "INPUT_INCLUDE-ALIASES": "x", "INPUT_DRY-RUN": "x", "INPUT_WAIT-FOR-READY": "x", "INPUT_TIMEOUT": "x",
		"INPUT_REQUEST-TIMEOUT": "x", "INPUT_MAX-ATTEMPTS": "x", "INPUT_RETRY-MAX-WAIT": "x",
	}
	text := strings.Join(problems(t, source(t, vars, nil, "--nonsense")), "\n")
	assertNamed(t, vars, text)
	assert.Contains(t, text, "\noidc-client-id: ")
	assert.Contains(t, text, `argument: "--nonsense" is not a flag`)

	delete(vars, "INPUT_COMMAND")
	maps.Copy(vars, env{
		"INPUT_BACKUP-PATH": "..", "INPUT_MAX-AGE": "x", "INPUT_RENAME": "x", "INPUT_ON-EXISTING": "x", "INPUT_REPLICATION-FACTOR": "x",
		"INPUT_RESTORE-TENANTS": "x", "INPUT_RESTORE-ALIASES": "x", "INPUT_KEEP-PARTIAL": "x",
		"INPUT_AGAINST": "..", "INPUT_AGAINST-URL": "x", "INPUT_AGAINST-API-KEY": "x y", "INPUT_FAIL-ON": "x", "INPUT_IGNORE": "x", "INPUT_VERBOSE": "x",
		"INPUT_FILE-NAME": "x", "INPUT_SKIP-UNCHANGED": "x",
	})
	for _, command := range allCommands {
		read := env{}
		for _, id := range shown(help(t, command), inputLine) {
			name := "INPUT_" + strings.ToUpper(id)
			if text, bad := vars[name]; bad && (command != "diff" || id != "weaviate-url") { // against is another
				read[name] = text
			}
		}
		text := strings.Join(problems(t, source(t, vars, nil, command)), "\n")
		assertNamed(t, read, text)
		for name := range vars {
			if _, ok := read[name]; !ok {
				assert.NotContains(t, "\n"+text, "\n"+inputID(name)+": ", command)
			}
		}
	}
}

// assertNamed checks that a problem names each of the inputs.
func assertNamed(t *testing.T, vars env, text string) {
	t.Helper()
	for name := range vars {
		if id := inputID(name); id != "oidc-client-secret" { // the missing one is oidc-client-id
			assert.Contains(t, "\n"+text, "\n"+id+": ")
		}
	}
}

// inputID is the input that a runner's variable is for.
func inputID(name string) string { return strings.ToLower(strings.TrimPrefix(name, "INPUT_")) }
