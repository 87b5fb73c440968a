package weaviatetest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
)

//go:embed fake_classes.json
var fakeClasses []byte

// FakeConfig is what a fake server holds and how it misbehaves. Its JSON form
// is for test scripts; see ReadFakeConfig.
type FakeConfig struct {
	// Version is what /v1/meta says.
	Version string `json:"version"`
	// BasePath goes before /v1 in every route, such as "/weaviate".
	BasePath string `json:"basePath"`
	// Classes are the collections, each as GET /v1/schema/{class} gives it.
	Classes []json.RawMessage `json:"classes"`
	// Counts are object counts by "Collection" or "Collection/tenant". What is
	// not named here has none.
	Counts map[string]int64 `json:"counts"`
	// Tenants are by collection. Only multi-tenant collections may have them.
	Tenants map[string][]Tenant `json:"tenants"`
	// Aliases map alias to collection. nil is a server too old for aliases: 404.
	Aliases map[string]string `json:"aliases"`
	// OwnInfo is the answer of /v1/users/own-info. Empty is a server too old for
	// it: 404.
	OwnInfo json.RawMessage `json:"ownInfo"`
	// Alone makes the server say that it is a whole cluster, see LoneNode. Otherwise
	// it does not know the question.
	Alone bool `json:"alone"`
	// APIKey, if set, is the one bearer token that is let in.
	APIKey string `json:"apiKey"`
	// OIDC, if set, makes the fake its own token issuer too, and lets in the
	// tokens that it issued.
	OIDC *FakeOIDC `json:"oidc"`
	// TLS serves https with a certificate for 127.0.0.1 that CAPEM vouches for.
	TLS bool `json:"tls"`
	// ClientCAPEM, if set, demands a client certificate that these vouch for.
	ClientCAPEM string `json:"clientCA"`
	// Faults are tried in order on each request; the first that matches acts.
	Faults []Fault `json:"faults"`
}

// FakeOIDC are the client credentials that the fake's issuer takes.
type FakeOIDC struct {
	ClientID     string   `json:"clientId"`
	ClientSecret string   `json:"clientSecret"`
	Scopes       []string `json:"scopes"`
	// Token is the access token that is issued.
	Token string `json:"token"`
	// ExpiresIn is its lifetime in seconds; 0 leaves it out of the answer.
	ExpiresIn int `json:"expiresIn"`
}

// DefaultFakeConfig is a server with three collections: Article (250 objects,
// two named vectors, a cross-reference to Author, alias Texts), Author (7) and
// the multi-tenant Shop (t1: 3, t2: 2, t3 cold). Anonymous callers are let in.
func DefaultFakeConfig() FakeConfig {
	var classes []json.RawMessage
	if err := json.Unmarshal(fakeClasses, &classes); err != nil {
		classes = []json.RawMessage{fakeClasses} // which StartFake refuses, with the reason
	}
	return FakeConfig{
		Version: DefaultVersion,
		Classes: classes,
		Counts:  map[string]int64{"Article": 250, "Author": 7, "Shop/t1": 3, "Shop/t2": 2},
		Tenants: map[string][]Tenant{"Shop": {
			{Name: "t1", ActivityStatus: "HOT"},
			{Name: "t2", ActivityStatus: "HOT"},
			{Name: "t3", ActivityStatus: "COLD"},
		}},
		Aliases: map[string]string{"Texts": "Article"},
	}
}

// ReadFakeConfig reads the JSON form over the defaults: a key that is there
// replaces the default, an unknown key is an error.
func ReadFakeConfig(data []byte) (FakeConfig, error) {
	config := DefaultFakeConfig()
	// A map would be merged with the default's, not replace it.
	var given map[string]json.RawMessage
	if err := json.Unmarshal(data, &given); err != nil {
		return FakeConfig{}, fmt.Errorf("read the fake's configuration: %w", err)
	}
	for key, target := range map[string]func(){
		"counts":  func() { config.Counts = nil },
		"tenants": func() { config.Tenants = nil },
		"aliases": func() { config.Aliases = nil },
	} {
		if _, ok := given[key]; ok {
			target()
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&config); err != nil {
		return FakeConfig{}, fmt.Errorf("read the fake's configuration: %w", err)
	}
	return config, nil
}

// check finds what could never work as meant.
func (c FakeConfig) check() error {
	var problems []error
	for i, class := range c.Classes {
		if _, err := readFakeClass(class); err != nil {
			problems = append(problems, fmt.Errorf("class %d: %w", i+1, err))
		}
	}
	return errors.Join(append(problems, checkFaults(c.Faults, Fault.check))...)
}

// fakeClass is what the fake must know of a class.
type fakeClass struct {
	Class              string `json:"class"`
	MultiTenancyConfig struct {
		Enabled bool `json:"enabled"`
	} `json:"multiTenancyConfig"`
}

func readFakeClass(raw json.RawMessage) (fakeClass, error) {
	var class fakeClass
	if err := json.Unmarshal(raw, &class); err != nil {
		return fakeClass{}, fmt.Errorf("read %.80s: %w", raw, err)
	}
	if class.Class == "" {
		return fakeClass{}, fmt.Errorf("no \"class\" in %.80s", raw)
	}
	return class, nil
}

// class finds a collection by name, or by alias as the real server does.
func (c FakeConfig) class(name string) (class fakeClass, raw json.RawMessage, found bool) {
	if target, ok := c.Aliases[name]; ok {
		name = target
	}
	for _, raw := range c.Classes {
		// Checked by check when it was set.
		if class, err := readFakeClass(raw); err == nil && class.Class == name {
			return class, raw, true
		}
	}
	return fakeClass{}, nil, false
}
