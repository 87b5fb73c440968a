package config_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
)

const planted = "pl4nted-s3cret"

// printed gives every form in which a Config may reach a log.
func printed(tb testing.TB, cfg config.Config) map[string]string {
	tb.Helper()
	forms := make(map[string]string)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%T%v"} {
		forms[verb] = fmt.Sprintf(verb, cfg)
		forms["pointer "+verb] = fmt.Sprintf(verb, &cfg)
		forms["server "+verb] = fmt.Sprintf(verb, cfg.Server)
		if cfg.Server.OIDC != nil {
			forms["oidc "+verb] = fmt.Sprintf(verb, *cfg.Server.OIDC)
		}
	}
	text, err := json.Marshal(any(cfg))
	require.NoError(tb, err)
	forms["json"] = string(text)
	text, err = yaml.Marshal(cfg.Server.Headers)
	require.NoError(tb, err)
	forms["yaml"] = string(text)
	text, err = xml.Marshal(any(cfg.Server.Headers))
	require.NoError(tb, err)
	forms["xml"] = string(text)
	for name, handler := range map[string]func(io.Writer) slog.Handler{
		"slog text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		"slog json": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		var b strings.Builder
		slog.New(handler(&b)).Info("config", "config", cfg, "key", cfg.Server.APIKey, "tls", cfg.Server.ClientKey)
		forms[name] = b.String()
	}
	return forms
}

// leaks says whether the text shows the planted secret as text, or as the bytes of the
// start of it in one of the ways in which fmt and JSON write bytes.
func leaks(text string) bool {
	start := planted[:8]
	decimal := strings.Trim(fmt.Sprintf("%d", []byte(start)), "[]")
	base64, _ := json.Marshal([]byte(planted)) // never fails for bytes
	for _, form := range []string{planted, start, decimal, fmt.Sprintf("%x", start), string(base64[1:10])} {
		if strings.Contains(text, form) {
			return true
		}
	}
	return false
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	cfg := want(func(c *config.Config) {
		c.Server.APIKey = planted
		c.Server.Headers = []config.Header{{Name: "X-Key", Value: planted}}
		c.Server.OIDC = &config.OIDC{ClientID: "ci", ClientSecret: planted}
		c.Server.ClientKey = []byte(planted)
		c.AgainstAPIKey = planted
	})
	for form, text := range printed(t, cfg) {
		assert.False(t, leaks(text), "%s: %s", form, text)
		assert.NotEmpty(t, text, form)
	}
	assert.Contains(t, fmt.Sprintf("%+v", cfg), "APIKey:***")
	for _, form := range []string{cfg.Server.APIKey.String(), cfg.Server.APIKey.GoString(), cfg.Server.APIKey.LogValue().String()} {
		assert.Equal(t, "***", form)
	}
	for _, form := range []string{cfg.Server.ClientKey.String(), cfg.Server.ClientKey.GoString(), cfg.Server.ClientKey.LogValue().String()} {
		assert.Equal(t, "***", form)
	}
	assert.Equal(t, planted, cfg.Server.APIKey.Reveal())
}

func TestSecretsListsAllThatMustBeMasked(t *testing.T) {
	t.Parallel()
	cfg := want(func(c *config.Config) {
		c.Server.APIKey = "key"
		c.Server.Headers = []config.Header{{Name: "Authorization", Value: "Bearer token"}, {Name: "X-Key", Value: "value"}}
		c.Server.OIDC = &config.OIDC{ClientID: "ci", ClientSecret: "client"}
		c.Server.ClientKey = []byte("pem")
		c.AgainstAPIKey = "other"
	})
	assert.Equal(t, []string{"key", "Bearer token", "token", "value", "client", "pem", "other"}, cfg.Secrets())
	assert.Empty(t, want(nil).Secrets())
}

// FuzzLoad gives Load any arguments, lists, headers and address beside planted
// secrets: it must not panic, an error is one clean line per problem, and no
// error and no printed form shows a secret. shape chooses where the secret is.
func FuzzLoad(f *testing.F) {
	f.Add(byte(0), "--collections\nA", "A, B*", "X: y", "http://h:8080", "openid")
	f.Add(byte(1), "backup\n--api-key", "", "a:b\r\nc", "localhost:8080", "")
	f.Add(byte(2), "---x\n--=\n-\n--\n--dry-run", "\x00,\xff", ": ", "http://[::1", "\"")
	f.Add(byte(3), "--headers\nA: b\n--timeout=1", "\n,\n", "Host: x\n\n", "http://h?", "\\")
	f.Add(byte(2), "diff", "A.*.b\nb", "", "http://h:8080", "live")
	f.Add(byte(7), "--help", "", "", "h", "")
	f.Fuzz(func(t *testing.T, shape byte, args, list, headers, address, scopes string) {
		for _, input := range []string{args, list, headers, address, scopes} {
			if leaks(input) {
				return // the input itself shows the secret
			}
		}
		shapes := []env{
			{"INPUT_WEAVIATE-URL": address, "INPUT_API-KEY": planted},
			{"INPUT_WEAVIATE-URL": address, "INPUT_OIDC-CLIENT-SECRET": planted, "INPUT_OIDC-CLIENT-ID": "ci", "INPUT_OIDC-SCOPES": scopes},
			{"INPUT_WEAVIATE-URL": "http://u:" + planted + "@" + address, "INPUT_API-KEY": planted + "\n" + list},
			{"INPUT_COMMAND": "diff", "INPUT_AGAINST-URL": address, "INPUT_AGAINST-API-KEY": planted, "INPUT_IGNORE": list, "INPUT_AGAINST": scopes},
			{"INPUT_COMMAND": "diff", "INPUT_AGAINST-URL": "http://u:" + planted + "@" + address, "INPUT_AGAINST-API-KEY": planted + " " + list},
			{"INPUT_WEAVIATE-URL": address + "?" + planted, "INPUT_CLIENT-KEY": planted + scopes, "INPUT_CLIENT-CERTIFICATE": list},
		}
		vars := shapes[int(shape)%len(shapes)]
		vars["INPUT_COLLECTIONS"], vars["WEAVIATE_BACKUP_EXCLUDE_COLLECTIONS"] = list, list
		vars["INPUT_HEADERS"] = headers + "\nX-Planted: " + planted
		if shape >= 128 {
			vars["INPUT_HEADERS"] += "\n" + planted // a line without a colon
		}
		cfg, err := config.Load(config.Source{
			Args:   strings.Split(args, "\n"),
			Getenv: func(name string) string { return vars[name] },
			ReadFile: func(path string) ([]byte, error) {
				if len(path)%2 == 0 {
					return []byte(path), nil
				}
				return nil, fmt.Errorf("open %s: refused", path)
			},
			Inside: func(string) error { return nil },
		})
		var bad *config.Error
		switch {
		case err == nil:
			for form, shown := range printed(t, cfg) {
				assert.False(t, leaks(shown), "%s: %s", form, shown)
			}
		case errors.As(err, &bad):
			lines := strings.Split(err.Error(), "\n")
			assert.Len(t, lines, len(bad.Problems))
			assert.False(t, strings.ContainsFunc(strings.Join(lines, ""), unicode.IsControl), "%q", err)
			assert.False(t, leaks(err.Error()), "%q", err)
		default:
			assert.True(t, errors.Is(err, config.ErrHelp) || errors.Is(err, config.ErrVersion), "%v", err)
		}
	})
}

// Of headers those are credentials that are called so.
func TestCredentials(t *testing.T) {
	t.Parallel()
	headers := func(names ...string) []config.Header {
		var all []config.Header
		for _, name := range names {
			all = append(all, config.Header{Name: name, Value: config.Secret("value of " + name)})
		}
		return all
	}
	credentials := []string{"Authorization", "Cookie", "X-Credential", "X-JWT", "X-Api-Key", "X-Password", "CF-Access-Client-Secret", "X-Session", "X-Signature", "X-Token"}
	c := config.Config{Server: config.Server{Headers: append(headers(credentials...), headers("X-Region", "CF-Access-Client-Id")...)}}
	var want []string
	for _, header := range headers(credentials...) {
		want = append(want, header.Value.Reveal(), strings.TrimPrefix(header.Value.Reveal(), "value "))
	}
	assert.ElementsMatch(t, want, c.Credentials())
}
