package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// The keys of the production server. The README says that the role viewer will
// do for a backup; a migration needs more.
const (
	adminKey  = "key-of-the-admin"
	viewerKey = "key-of-the-viewer"
)

// productionURL is the server of the examples in the checks' network, where
// "weaviate" is the one that lets everybody in.
const productionURL = "http://production:8080"

// startProduction starts the server of the examples, which lets nobody in
// without a key, and fills it as the other one.
func (h *harness) startProduction(ctx context.Context) error {
	args := []string{
		"run", "--detach", "--label", h.name, "--name", h.productionName(),
		"--network", h.network, "--network-alias", "production",
		"--env", "CLUSTER_HOSTNAME=node1", "--env", "DISABLE_TELEMETRY=true", "--env", "PERSISTENCE_DATA_PATH=/var/lib/weaviate",
	}
	env := weaviatetest.RBACEnv(adminKey, map[string]string{"viewer": viewerKey})
	for _, name := range slices.Sorted(maps.Keys(env)) {
		args = append(args, "--env", name+"="+env[name])
	}
	if _, err := h.docker.output(ctx, append(args, serverImage)...); err != nil {
		return err
	}
	ip, err := h.address(ctx, h.productionName())
	if err != nil {
		return err
	}
	if err := h.seedProduction(ctx); err != nil {
		return err
	}
	h.production = "http://" + net.JoinHostPort(ip, "8080")
	_, err = h.ask(ctx, http.MethodPost, "/v1/authz/users/viewer/assign", `{"roles":["viewer"],"userType":"db"}`)
	return err
}

func (h *harness) productionName() string { return h.name + "-production" }

// seedProduction waits for the server and fills it.
func (h *harness) seedProduction(ctx context.Context) error {
	_, err := h.inJob(ctx, []string{"--env", "WEAVIATE_API_KEY=" + adminKey}, "/scripts/seed.sh", productionURL)
	return err
}

// resetProduction leaves the server as it was at first.
func (h *harness) resetProduction(ctx context.Context) error {
	schema, err := h.ask(ctx, http.MethodGet, "/v1/schema", "")
	if err != nil {
		return err
	}
	var got struct {
		Classes []struct {
			Class string `json:"class"`
		} `json:"classes"`
	}
	if err := json.Unmarshal([]byte(schema), &got); err != nil {
		return err
	}
	for _, c := range got.Classes {
		if _, err := h.ask(ctx, http.MethodDelete, "/v1/schema/"+c.Class, ""); err != nil {
			return err
		}
	}
	return h.seedProduction(ctx)
}

// ask sends a request to the production server as its admin and returns the
// answer. Any status but 2xx is an error.
func (h *harness) ask(ctx context.Context, method, path, body string) (answer string, err error) {
	request, err := http.NewRequestWithContext(ctx, method, h.production+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+adminKey)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	if response.StatusCode/100 != 2 {
		return "", fmt.Errorf("%s %s: %s: %s", method, path, response.Status, data)
	}
	return string(data), nil
}

// addTeaser gives Article a property: a change that a backup from before it
// doesn't have.
func (h *harness) addTeaser(ctx context.Context) error {
	_, err := h.ask(ctx, http.MethodPost, "/v1/schema/Article/properties", `{"name":"teaser","dataType":["text"]}`)
	return err
}

// productionHas is an error when text is in the server's schema and shouldn't
// be, or the other way round.
func (h *harness) productionHas(ctx context.Context, text string, want bool) error {
	schema, err := h.ask(ctx, http.MethodGet, "/v1/schema", "")
	if err == nil && strings.Contains(schema, text) != want {
		err = fmt.Errorf("%s in the schema of the server: want %t: %s", text, want, schema)
	}
	return err
}
