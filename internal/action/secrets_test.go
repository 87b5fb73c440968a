package action_test

import (
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// The values of secret inputs. All begin with "canary", so that a part of one is
// found too; in base64 that is "Y2FuYXJ5".
const (
	canaryKey      = `canary-key<&>"\'/+%=0123456789`
	canaryAgainst  = `canary-against-0123456789/+`
	canaryHeader   = `canary header "quoted" ü 0123456789`
	canaryPassword = `canary-password-0123456789`
	canaryClient   = `canary-client-secret/+&=0123456789`
	canaryToken    = `canary-token-0123456789.abc`
)

// spelled gives a secret in every spelling that a server, or this program, may
// give it, and cut where the report cuts long texts.
func spelled(secrets ...string) string {
	var all []string
	for _, secret := range secrets {
		asJSON, _ := json.Marshal(secret)
		all = append(
			all, secret, "Bearer "+secret, url.QueryEscape(secret), url.PathEscape(secret), strconv.Quote(secret), string(asJSON),
			base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
		)
	}
	return strings.Join(all, " | ")
}

// identity is one way to be let in, with all that is secret in it.
type identity struct {
	inputs  map[string]string
	secrets []string
	change  func(*weaviatetest.FakeConfig)
}

func identities(t *testing.T) map[string]identity {
	t.Helper()
	certificate, key, err := weaviatetest.NewClientCertificate("a test")
	require.NoError(t, err)
	basic := base64.StdEncoding.EncodeToString([]byte("someone:" + canaryPassword))
	keyLines := strings.Split(strings.TrimSpace(string(key)), "\n")
	return map[string]identity{
		"key and headers": {
			map[string]string{"api-key": canaryKey, "headers": "X-Key: " + canaryHeader},
			[]string{canaryKey, canaryHeader},
			func(c *weaviatetest.FakeConfig) { c.APIKey = canaryKey },
		},
		"password": {
			map[string]string{"headers": "Authorization: Basic " + basic}, []string{basic, canaryPassword, "someone:" + canaryPassword}, nil,
		},
		"OpenID Connect": {
			map[string]string{"oidc-client-id": "ci", "oidc-client-secret": canaryClient},
			[]string{canaryClient, canaryToken},
			func(c *weaviatetest.FakeConfig) {
				c.OIDC = &weaviatetest.FakeOIDC{ClientID: "ci", ClientSecret: canaryClient, Scopes: []string{"openid"}, Token: canaryToken}
			},
		},
		"client certificate": {
			map[string]string{"client-certificate": string(certificate), "client-key": string(key)},
			keyLines[1 : len(keyLines)-1],
			func(c *weaviatetest.FakeConfig) { c.ClientCAPEM = string(certificate) },
		},
	}
}

// assertSilent fails where a part of a secret is in what a step left, other than
// masks.
func (s step) assertSilent(t *testing.T, l left, secrets []string) {
	t.Helper()
	seen := map[string]string{"the log": l.log.Printed(), "the outputs": l.output, "the summary": l.summary}
	require.NoError(t, filepath.WalkDir(s.env["GITHUB_WORKSPACE"], func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		seen[path] = string(data)
		return err
	}))
	parts := []string{"cana", "Y2Fu"}
	for _, secret := range secrets {
		if !strings.HasPrefix(secret, "canary") {
			parts = append(parts, secret[:min(len(secret), 12)])
		}
	}
	for place, text := range seen {
		for _, part := range parts {
			if at := strings.Index(text, part); at >= 0 {
				assert.Fail(t, "a secret in "+place, "%s: %q", part, text[max(0, at-80):min(len(text), at+80)])
			}
		}
	}
}

// echoes are what a server answers that says again what it was told.
func echoes(secrets ...string) []weaviatetest.Fault {
	text, encoded := spelled(secrets...), "a"
	for _, secret := range secrets {
		encoded += "+" + url.QueryEscape(secret)
	}
	asJSON, _ := json.Marshal(text)
	long, _ := json.Marshal(strings.Repeat("x", 1990) + text)
	page := "<html>" + strings.Repeat("x", 100) + text
	headers := map[string]string{"Content-Type": "application/json; " + encoded, "WWW-Authenticate": encoded, "X-Echo": encoded}
	return []weaviatetest.Fault{
		{Status: 401, Body: `{"code":401,"message":` + string(asJSON) + `}`, Header: headers},
		{Status: 403, Body: `{"error":[{"message":` + string(asJSON) + `}]}`, Header: headers},
		{Status: 422, Body: `{"error":[{"message":` + string(long) + `}]}`},
		{Status: 500, Body: text},
		{Status: 404, Body: page},
		{Status: 200, Body: page, Header: headers},
		{Status: 200, Body: `{"data":null,"errors":[{"message":` + string(asJSON) + `}]}`},
		{Status: 200, Body: `{` + string(asJSON) + `:1,` + string(asJSON) + `:2}`},
		{Do: weaviatetest.DoRedirect, Header: map[string]string{"Location": "http://elsewhere.example/" + encoded + "?" + encoded}},
		{Do: weaviatetest.DoRedirect, Header: map[string]string{"Location": "ftp://" + encoded + "/"}},
		{Do: weaviatetest.DoRedirect, Header: map[string]string{"Location": "http://[" + encoded}},
	}
}

// No part of a secret is in what a step leaves, whatever a server echoes to any of
// its requests, for any command, debug lines included.
func TestSecretsEchoed(t *testing.T) {
	t.Parallel()
	for name, id := range identities(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
				if id.change != nil {
					id.change(c)
				}
			})
			s := newStep(t.TempDir())
			s.env["RUNNER_DEBUG"] = "1"
			inputs := map[string]string{"weaviate-url": fake.URL, "ca-certificate": fake.CAPEM(), "backup-path": "backups", "on-existing": "update", "outputs-file": "o.env"}
			for input, value := range id.inputs {
				inputs[input] = value
			}
			run := func(command string, code int) {
				inputs["command"] = command
				inputs["dry-run"] = map[string]string{"restore": "true"}[command]
				inputs["wait-for-ready"] = "0s"
				if code < 0 {
					inputs["wait-for-ready"] = "1ms"
				}
				l := s.run(t, inputs)
				s.assertSilent(t, l, id.secrets)
				if code >= 0 {
					require.Equal(t, code, l.code, "%s", l.log.Printed())
				}
			}
			run("backup", 0)
			require.FileExists(t, filepath.Join(s.env["GITHUB_WORKSPACE"], "o.env"))
			text := spelled(id.secrets...)
			commands := []string{"backup", "verify", "diff", "restore"}
			for i, path := range []string{"", "/v1/schema", "/v1/graphql", "/v1/aliases", "/v1/schema/Shop/tenants", "/issuer/token", "/v1/.well-known/openid-configuration"} {
				told := id.secrets
				if path == "" || !strings.HasPrefix(path, "/v1/s") { // this run has no token yet
					told = slices.DeleteFunc(slices.Clone(told), func(secret string) bool { return secret == canaryToken })
				}
				for j, fault := range echoes(told...) { // each command has each of them somewhere
					fault.Path = path
					require.NoError(t, fake.SetFaults(fault))
					run(commands[(i+j)%len(commands)], -1)
				}
			}
			require.NoError(t, fake.SetFaults())
			for cut := range 5 {
				echo := quoted(strings.Repeat("x", 295-2*cut) + text + strings.Repeat("y", 3700+2*cut) + text)
				require.NoError(t, fake.Update(func(c *weaviatetest.FakeConfig) {
					c.Version = text
					c.Classes = []json.RawMessage{[]byte(`{"class":"Article","description":` + echo + `,"properties":[{"name":` + echo + `,"dataType":["text"]}],"moduleConfig":{` + echo + `:{"a":` + echo + `}},` +
						`"vectorConfig":{` + echo + `:{"vectorIndexType":` + echo + `}}}`)}
					c.Aliases = map[string]string{text: "Article"}
				}))
				run("backup", 1)
				run("verify", 3)
				run("diff", 1) // a version that no outputs file can hold
				inputs["outputs-file"] = ""
				run("diff", 3)
				inputs["outputs-file"] = "o.env"
				run("restore", 1)
			}
		})
	}
}

// Neither is a part of the second server's key.
func TestSecretsOfSecondServer(t *testing.T) {
	t.Parallel()
	first := weaviatetest.NewFake(t)
	second := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) { c.APIKey = canaryAgainst })
	s := newStep(t.TempDir())
	s.env["RUNNER_DEBUG"] = "1"
	inputs := map[string]string{
		"command": "diff", "weaviate-url": first.URL, "against-url": second.URL, "against-api-key": canaryAgainst, "verbose": "true", "fail-on": "none", "wait-for-ready": "0s",
	}
	l := s.run(t, inputs)
	require.Zero(t, l.code, "%s", l.log.Printed())
	text := spelled(canaryAgainst)
	for _, fake := range []*weaviatetest.Fake{first, second} {
		for _, fault := range echoes(canaryAgainst) {
			require.NoError(t, fake.SetFaults(fault))
			s.assertSilent(t, s.run(t, inputs), nil)
		}
		require.NoError(t, fake.SetFaults())
	}
	require.NoError(t, second.Update(func(c *weaviatetest.FakeConfig) {
		c.Version, c.Aliases = text, map[string]string{text: "Article"}
		c.Classes = []json.RawMessage{[]byte(`{"class":"Article","description":` + quoted(text) + `}`)}
	}))
	l = s.run(t, inputs)
	require.Zero(t, l.code, "%s", l.log.Printed())
	s.assertSilent(t, l, nil)
}

// A mistake in an input shows no secret either.
func TestSecretsInBadInputs(t *testing.T) {
	t.Parallel()
	for _, inputs := range []map[string]string{
		{"weaviate-url": "http://someone:" + canaryPassword + "@h:8080"},
		{"weaviate-url": "http://h:8080?key=" + canaryPassword},
		{"weaviate-url": "http://h:8080/#" + canaryPassword},
		{"weaviate-url": "someone:" + canaryPassword + "@h"},
		{"against-url": "http://someone:" + canaryPassword + "@h:8080", "command": "diff"},
		{"api-key": "Bearer " + canaryToken},
		{"api-key": canaryHeader},
		{"against-api-key": canaryAgainst, "command": "diff"},
		{"against-api-key": canaryHeader, "against-url": "http://h", "command": "diff"},
		{"headers": canaryHeader},
		{"headers": "Authorization: " + canaryToken, "api-key": canaryKey},
		{"headers": canaryToken + ": x\nX: " + canaryToken + "\x01"},
		{"headers": "Host: " + canaryToken},
		{"oidc-client-secret": canaryClient},
		{"oidc-client-secret": canaryClient, "oidc-client-id": "ci", "api-key": canaryKey},
		{"client-key": canaryClient},
		{"client-key": canaryClient, "client-certificate": "certificate.pem"},
		{"client-key": "-----BEGIN PRIVATE KEY-----\n" + canaryClient + "\n-----END PRIVATE KEY-----", "client-certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"},
		{"timeout": "soon", "api-key": canaryKey, "headers": "X-Key: " + canaryHeader, "against-api-key": canaryAgainst},
	} {
		s := newStep(t.TempDir())
		l := s.run(t, inputs)
		assert.Equal(t, 2, l.code, "%v: %s", inputs, l.printed)
		s.assertSilent(t, l, nil)
	}
}

// The password of a proxy is no input, and a secret all the same.
func TestSecretsOfProxy(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	for _, proxy := range []string{
		"http://someone:" + canaryPassword + "@127.0.0.1:1", "http://someone:" + canaryPassword + "@127.0.0.1:x", "someone:" + canaryPassword + "@ h:1",
		"ftp://someone:" + canaryPassword + "@127.0.0.1:1", "http://someone:" + canaryPassword + "%zz@h:1",
	} {
		for _, variable := range []string{"HTTP_PROXY", "http_proxy"} {
			p.env = []string{variable + "=" + proxy}
			done := p.run(t, "backup", "--weaviate-url", "http://weaviate.example", "--max-attempts", "1", "--wait-for-ready", "0s")
			assert.Equal(t, 1, done.code, "%s", proxy)
			assert.NotContains(t, done.stdout+done.stderr, "cana", "%s", proxy)
		}
	}
}
