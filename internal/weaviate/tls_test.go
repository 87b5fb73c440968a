package weaviate_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// selfSigned makes a client's certificate that vouches for itself.
func selfSigned(t *testing.T) (certificate, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "a client"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	certificate, key := selfSigned(t)
	server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) { c.TLS = true })
	mutual := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) { c.ClientCAPEM = string(certificate) })

	t.Run("of an unknown CA", func(t *testing.T) {
		t.Parallel()
		client, log := connect(t, server.URL)
		_, err := client.Meta(t.Context())
		require.ErrorContains(t, err, "certificate signed by unknown authority")
		assert.Contains(t, weaviate.Hint(err, weaviate.Place{}), "ca-certificate")
		assert.Empty(t, log.lines("trying again"))
	})
	t.Run("of a CA that was given", func(t *testing.T) {
		t.Parallel()
		client, _ := connect(t, server.URL, func(o *weaviate.Options) { o.TLS.CACertificate = []byte(server.CAPEM()) })
		_, err := client.Meta(t.Context())
		require.NoError(t, err)
	})
	t.Run("of the client, absent", func(t *testing.T) {
		t.Parallel()
		client, log := connect(t, mutual.URL, func(o *weaviate.Options) { o.TLS.CACertificate = []byte(mutual.CAPEM()) })
		_, err := client.Meta(t.Context())
		require.ErrorContains(t, err, "certificate required")
		assert.Contains(t, weaviate.Hint(err, weaviate.Place{}), "client-certificate")
		assert.Empty(t, log.lines("trying again"))
	})
	t.Run("of the client, given", func(t *testing.T) {
		t.Parallel()
		client, _ := connect(t, mutual.URL, func(o *weaviate.Options) {
			o.TLS = weaviate.TLS{CACertificate: []byte(mutual.CAPEM()), ClientCertificate: certificate, ClientKey: key}
		})
		_, err := client.Meta(t.Context())
		require.NoError(t, err)
	})
	t.Run("that are none", func(t *testing.T) {
		t.Parallel()
		_, err := weaviate.New(weaviate.Options{URL: parse(t, server.URL), TLS: weaviate.TLS{CACertificate: []byte("-----BEGIN")}})
		require.ErrorContains(t, err, "no certificate in the PEM text")
		_, err = weaviate.New(weaviate.Options{URL: parse(t, server.URL), TLS: weaviate.TLS{ClientCertificate: certificate, ClientKey: []byte("x")}})
		require.ErrorContains(t, err, "read client certificate and key")
	})
}

func TestWrongScheme(t *testing.T) {
	t.Parallel()
	t.Run("http to a TLS port", func(t *testing.T) {
		t.Parallel()
		server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) { c.TLS = true })
		client, log := connect(t, strings.Replace(server.URL, "https", "http", 1))
		_, err := client.Meta(t.Context())
		require.ErrorContains(t, err, "400 Bad Request: Client sent an HTTP request to an HTTPS server")
		assert.Contains(t, weaviate.Hint(err, weaviate.Place{}), "use https://")
		assert.Empty(t, log.lines("trying again"))
	})
	t.Run("https to a plain port", func(t *testing.T) {
		t.Parallel()
		server := weaviatetest.NewFake(t)
		client, log := connect(t, strings.Replace(server.URL, "http", "https", 1))
		_, err := client.Meta(t.Context())
		require.ErrorContains(t, err, "server gave HTTP response to HTTPS client")
		assert.Contains(t, weaviate.Hint(err, weaviate.Place{}), "use http://")
		assert.Empty(t, log.lines("trying again"))
	})
}
