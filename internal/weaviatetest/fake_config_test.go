package weaviatetest_test

import (
	"crypto/tls"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

func TestFakeConfigurationIsReadOverTheDefaults(t *testing.T) {
	t.Parallel()
	config, err := weaviatetest.ReadFakeConfig([]byte(`{
		"version": "1.27.0", "aliases": null, "counts": {"Author": 1},
		"faults": [{"method": "GET", "path": "/v1/schema", "times": 2, "status": 503, "header": {"Retry-After": "1"}},
		           {"path": "/v1/meta", "do": "reset"}]
	}`))
	require.NoError(t, err)
	want := weaviatetest.DefaultFakeConfig()
	want.Version, want.Aliases, want.Counts = "1.27.0", nil, map[string]int64{"Author": 1}
	want.Faults = []weaviatetest.Fault{
		{Method: "GET", Path: "/v1/schema", Times: 2, Status: 503, Header: map[string]string{"Retry-After": "1"}},
		{Path: "/v1/meta", Do: weaviatetest.DoReset},
	}
	assert.Equal(t, want, config)
}

func TestFakeConfigurationThatCantBeMeant(t *testing.T) {
	t.Parallel()
	for text, problem := range map[string]string{
		`{"fault": []}`:                        `unknown field "fault"`,
		`{"faults": [{"times": 1, "dou": 2}]}`: `unknown field "dou"`,
		`[]`:                                   "cannot unmarshal array",
		`{"faults": [{"do": "explode"}]}`:      `do "explode" is none of`,
		`{"faults": [{"path": "["}]}`:          "syntax error in pattern",
		`{"faults": [{"status": 7}]}`:          "status 7 is not in 200 to 599",
		`{"classes": [{"name": "X"}]}`:         `no "class" in`,
		`{"clientCA": "nonsense"}`:             "clientCA holds no certificate",
	} {
		config, err := weaviatetest.ReadFakeConfig([]byte(text))
		if err == nil {
			_, err = weaviatetest.StartFake(config)
		}
		assert.ErrorContains(t, err, problem, text)
	}
}

func TestFakeComplainsAboutWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	fake, err := weaviatetest.StartFake(weaviatetest.DefaultFakeConfig())
	require.NoError(t, err)
	t.Cleanup(fake.Close)
	for _, query := range []string{`{Get{Article{title}}}`, `{Aggregate{Article{title{count}}}}`, ``} {
		body, err := json.Marshal(map[string]string{"query": query})
		require.NoError(t, err)
		status, _, err := ask(t, newClient(), http.MethodPost, fake.URL+"/v1/graphql", string(body))
		require.NoError(t, err)
		assert.Equal(t, http.StatusInternalServerError, status, query)
	}
	status, _, err := ask(t, newClient(), http.MethodDelete, fake.URL+"/v1/schema/Article", "")
	require.NoError(t, err)
	assert.Equal(t, http.StatusMethodNotAllowed, status)
	assert.Len(t, fake.Complaints(), 4)
}

func TestFakeOfAnOlderServer(t *testing.T) {
	t.Parallel()
	fake := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) { c.Version, c.Aliases = "1.27.0", nil })
	for _, path := range []string{"/v1/aliases", "/v1/users/own-info"} {
		status, body, err := ask(t, newClient(), http.MethodGet, fake.URL+path, "")
		require.NoError(t, err)
		assert.Equal(t, http.StatusNotFound, status)
		assert.JSONEq(t, `{"code":404,"message":"path `+path+` was not found"}`, body)
	}
}

func TestFakeUnderABasePath(t *testing.T) {
	t.Parallel()
	fake := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
		c.BasePath = "/deep/er"
		c.Faults = []weaviatetest.Fault{{Path: "/v1/meta", Status: 503}}
	})
	for path, want := range map[string]int{"/v1/schema": 200, "/v1/meta": 503} {
		status, _, err := ask(t, newClient(), http.MethodGet, fake.URL+path, "")
		require.NoError(t, err)
		assert.Equal(t, want, status, path)
	}
	status, _, err := ask(t, newClient(), http.MethodGet, strings.TrimSuffix(fake.URL, "/deep/er")+"/v1/schema", "")
	require.NoError(t, err)
	assert.Equal(t, http.StatusNotFound, status)
	assert.Contains(t, fake.Requests(), "GET /deep/er/v1/schema")
}

func TestFakeUpdateChangesWhatItHolds(t *testing.T) {
	t.Parallel()
	fake := weaviatetest.NewFake(t)
	require.NoError(t, fake.Update(func(c *weaviatetest.FakeConfig) { c.OwnInfo = json.RawMessage(`{"username":"me"}`) }))
	_, body, err := ask(t, newClient(), http.MethodGet, fake.URL+"/v1/users/own-info", "")
	require.NoError(t, err)
	assert.JSONEq(t, `{"username":"me"}`, body)
	require.Error(t, fake.Update(func(c *weaviatetest.FakeConfig) { c.Classes = []json.RawMessage{[]byte("{}")} }))
}

func TestFakeCapturesRequests(t *testing.T) {
	t.Parallel()
	fake := weaviatetest.NewFake(t)
	_, _, err := ask(t, newClient(), http.MethodGet, fake.URL+"/v1/schema?a=b", "sent")
	require.NoError(t, err)
	got := fake.Received()
	require.Len(t, got, 1)
	assert.Equal(t, "/v1/schema?a=b", got[0].Path)
	assert.Equal(t, "sent", got[0].Body)
	assert.Equal(t, "application/json", got[0].Header.Get("Content-Type"))
}

func TestFakeIssuesTokensForClientCredentials(t *testing.T) {
	t.Parallel()
	fake := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
		c.OIDC = &weaviatetest.FakeOIDC{ClientID: "id", ClientSecret: "secret", Token: "token", ExpiresIn: 60}
	})
	get := func(url string) map[string]any {
		_, body, err := ask(t, newClient(), http.MethodGet, url, "")
		require.NoError(t, err)
		var answer map[string]any
		require.NoError(t, json.Unmarshal([]byte(body), &answer))
		return answer
	}
	href, _ := get(fake.URL + "/v1/.well-known/openid-configuration")["href"].(string)
	endpoint, _ := get(href)["token_endpoint"].(string)

	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"id"}, "client_secret": {"wrong"}}
	status, _, err := ask(t, newClient(), http.MethodPost, endpoint, form.Encode())
	require.NoError(t, err)
	assert.Equal(t, http.StatusUnauthorized, status)
	form.Set("client_secret", "secret")
	_, body, err := ask(t, newClient(), http.MethodPost, endpoint, form.Encode())
	require.NoError(t, err)
	assert.JSONEq(t, `{"access_token":"token","token_type":"Bearer","scope":"","expires_in":60}`, body)

	for token, want := range map[string]int{"": 401, "other": 401, "token": 200} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fake.URL+"/v1/schema", nil)
		require.NoError(t, err)
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		response, err := newClient().Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, want, response.StatusCode, token)
	}
}

func TestFakeDemandsAClientCertificate(t *testing.T) {
	t.Parallel()
	certificate, key, err := weaviatetest.NewClientCertificate("backup")
	require.NoError(t, err)
	fake := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) { c.ClientCAPEM = string(certificate) })
	client := trusting(t, fake)
	_, _, err = ask(t, client, http.MethodGet, fake.URL+"/v1/schema", "")
	require.ErrorContains(t, err, "certificate required")

	pair, err := tls.X509KeyPair(certificate, key)
	require.NoError(t, err)
	transport, ok := client.Transport.(*http.Transport)
	require.True(t, ok)
	transport.TLSClientConfig.Certificates = []tls.Certificate{pair}
	status, _, err := ask(t, client, http.MethodGet, fake.URL+"/v1/schema", "")
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, status)
}
