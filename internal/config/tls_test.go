package config_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
)

// pair gives a new certificate that signs itself, and its key, as PEM.
func pair(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "weaviate"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	return block("CERTIFICATE", der), block("PRIVATE KEY", keyDER)
}

func block(kind string, content []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}))
}

func TestLoadAcceptsCertificates(t *testing.T) {
	t.Parallel()
	certificate, key := pair(t)
	chain := "# our authorities\n" + certificate + "\n" + certificate
	tests := []struct {
		name  string
		vars  env
		files map[string]string
	}{
		{"as text", env{"INPUT_CA-CERTIFICATE": chain, "INPUT_CLIENT-CERTIFICATE": certificate, "INPUT_CLIENT-KEY": key}, nil},
		{
			"as paths",
			env{"INPUT_CA-CERTIFICATE": "certs/ca.pem", "INPUT_CLIENT-CERTIFICATE": "c.pem", "INPUT_CLIENT-KEY": "k.pem"},
			map[string]string{"certs/ca.pem": chain, "c.pem": certificate, "k.pem": key},
		},
		{
			"one file for both",
			env{"INPUT_CA-CERTIFICATE": chain, "INPUT_CLIENT-CERTIFICATE": "both.pem", "INPUT_CLIENT-KEY": "both.pem"},
			map[string]string{"both.pem": certificate + key},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.vars["WEAVIATE_URL"] = "https://weaviate"
			cfg, err := config.Load(source(t, tt.vars, tt.files))
			require.NoError(t, err)
			assert.Equal(t, certificate+certificate, string(cfg.Server.CACertificate))
			assert.Equal(t, certificate, string(cfg.Server.ClientCertificate))
			_, err = tls.X509KeyPair(cfg.Server.ClientCertificate, cfg.Server.ClientKey)
			require.NoError(t, err)
			for form, text := range printed(t, cfg) {
				assert.NotContains(t, text, strings.Split(key, "\n")[1], form)
			}
			assert.Contains(t, cfg.Secrets(), string(cfg.Server.ClientKey))
		})
	}
}

func TestLoadRefusesCertificates(t *testing.T) {
	t.Parallel()
	certificate, key := pair(t)
	_, otherKey := pair(t)
	oneLine := func(text string) string { return strings.ReplaceAll(strings.TrimSpace(text), "\n", `\n`) }
	bare := base64.StdEncoding.EncodeToString([]byte(key))
	const (
		fork    = " (a secret is empty in a pull request from a fork)"
		noPEM   = "is neither PEM text, which has a line that begins with -----BEGIN, nor the path of a file"
		allowed = "; allowed: PEM text or the path of a PEM file in the workspace"
		noLines = "is PEM text without line breaks; keep them, in YAML by a block that begins with |"
	)
	tests := []struct {
		name  string
		vars  env
		files map[string]string
		want  []string
	}{
		{
			name: "files that are not there", vars: env{"INPUT_CA-CERTIFICATE": "ca.pem", "INPUT_CLIENT-CERTIFICATE": "c.pem", "INPUT_CLIENT-KEY": "k.pem"},
			want: []string{
				`ca-certificate: "ca.pem" can't be read as a file: there is no such file` + allowed,
				`client-certificate: "c.pem" can't be read as a file: there is no such file` + allowed,
				`client-key: can't be read as a file: there is no such file` + allowed,
			},
		},
		{
			name: "base64 that is no PEM", vars: env{"INPUT_CA-CERTIFICATE": bare, "INPUT_CLIENT-CERTIFICATE": certificate, "INPUT_CLIENT-KEY": bare},
			want: []string{
				`ca-certificate: can't be read as a file: there is no such file` + allowed,
				`client-key: can't be read as a file: there is no such file` + allowed,
			},
		},
		{
			name: "text of other kinds", vars: env{"INPUT_CA-CERTIFICATE": "a\nb", "INPUT_CLIENT-CERTIFICATE": oneLine(certificate), "INPUT_CLIENT-KEY": oneLine(key)},
			want: []string{`ca-certificate: ` + noPEM, `client-certificate: ` + noLines, `client-key: ` + noLines},
		},
		{
			name: "a key in the place of a certificate", vars: env{"INPUT_CA-CERTIFICATE": key, "INPUT_CLIENT-CERTIFICATE": "k.pem", "INPUT_CLIENT-KEY": certificate},
			files: map[string]string{"k.pem": key},
			want: []string{
				`ca-certificate: holds no certificate; allowed: PEM with at least one CERTIFICATE block`,
				`client-certificate: "k.pem" holds no certificate; allowed: PEM with at least one CERTIFICATE block`,
				`client-key: holds no private key; allowed: PEM with a PRIVATE KEY block`,
			},
		},
		{
			name: "an empty file", vars: env{"WEAVIATE_BACKUP_CA_CERTIFICATE": "ca.pem"}, files: map[string]string{"ca.pem": ""},
			want: []string{
				`ca-certificate (from WEAVIATE_BACKUP_CA_CERTIFICATE): "ca.pem" holds no certificate; allowed: PEM with at least one CERTIFICATE block`,
			},
		},
		{
			name: "a broken certificate after a good one", vars: env{"INPUT_CA-CERTIFICATE": certificate + block("CERTIFICATE", []byte("x"))},
			want: []string{`ca-certificate: holds a certificate that can't be parsed: x509: malformed certificate`},
		},
		{
			name: "a key with a passphrase", vars: env{"INPUT_CLIENT-CERTIFICATE": certificate, "INPUT_CLIENT-KEY": block("ENCRYPTED PRIVATE KEY", []byte("x"))},
			want: []string{`client-key: needs a passphrase; allowed: PEM with a PRIVATE KEY block that needs none`},
		},
		{
			name: "another's key", vars: env{"INPUT_CLIENT-CERTIFICATE": certificate, "INPUT_CLIENT-KEY": otherKey},
			want: []string{`client-key: does not fit client-certificate: tls: private key does not match public key`},
		},
		{
			name: "a certificate alone", vars: env{"INPUT_CLIENT-CERTIFICATE": certificate},
			want: []string{`client-key: is missing beside client-certificate` + fork},
		},
		{
			name: "a key alone", vars: env{"INPUT_CLIENT-KEY": key},
			want: []string{`client-certificate: is missing beside client-key`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.vars["WEAVIATE_URL"] = "https://weaviate"
			got := problems(t, source(t, tt.vars, tt.files))
			assert.Equal(t, tt.want, got)
			text := strings.Join(got, "\n")
			assert.NotContains(t, text, strings.Split(key, "\n")[1])
			assert.NotContains(t, text, bare[:20])
		})
	}
}

// TestReadErrors shows the reader's own words, except about a key, where they
// may repeat what was given.
func TestReadErrors(t *testing.T) {
	t.Parallel()
	certificate, _ := pair(t)
	src := source(t, env{
		"WEAVIATE_URL": "https://weaviate", "INPUT_CA-CERTIFICATE": "../ca.pem", "INPUT_CLIENT-CERTIFICATE": certificate, "INPUT_CLIENT-KEY": "../k.pem",
	}, nil)
	src.ReadFile = func(path string) ([]byte, error) { return nil, errors.New(path + " leaves the workspace") }
	assert.Equal(t, []string{
		`ca-certificate: "../ca.pem" can't be read as a file: ../ca.pem leaves the workspace; allowed: PEM text or the path of a PEM file in the workspace`,
		`client-key: can't be read as a file: it can't be opened; allowed: PEM text or the path of a PEM file in the workspace`,
	}, problems(t, src))

	src.ReadFile = func(path string) ([]byte, error) {
		return nil, &fs.PathError{Op: "open", Path: "/github/workspace/" + path, Err: fs.ErrPermission}
	}
	assert.Equal(t, []string{
		`ca-certificate: "../ca.pem" can't be read as a file: permission denied; allowed: PEM text or the path of a PEM file in the workspace`,
		`client-key: can't be read as a file: permission denied; allowed: PEM text or the path of a PEM file in the workspace`,
	}, problems(t, src))
}
