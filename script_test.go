package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// The commands of scripts that have to do with servers; TestScripts says what
// they do.

// requested is a server that keeps the requests that it got.
type requested interface {
	Requests() []string
	Received() []weaviatetest.Received
	Await(ctx context.Context, request string) error
}

// requestedOf is the script's last fake or proxy.
func requestedOf(ts *testscript.TestScript) requested {
	asked := stateOf(ts).asked
	if asked == nil {
		ts.Fatalf("no fake server and no proxy was started")
	}
	return asked
}

// serverOf is the URL of the script's last fake or real server.
func serverOf(ts *testscript.TestScript) string {
	server := stateOf(ts).server
	if server == "" {
		ts.Fatalf("no server was started")
	}
	return server
}

func startFake(ts *testscript.TestScript, args []string) {
	config := weaviatetest.DefaultFakeConfig()
	if len(args) == 1 {
		var err error
		config, err = weaviatetest.ReadFakeConfig([]byte(ts.ReadFile(args[0])))
		ts.Check(err)
	}
	config.ClientCAPEM = os.Expand(config.ClientCAPEM, ts.Getenv)
	fake, err := weaviatetest.StartFake(config)
	ts.Check(err)
	// What the fake did not understand fails the script: one of the two is wrong.
	ts.Defer(func() {
		fake.Close()
		for _, complaint := range fake.Complaints() {
			stateOf(ts).test.Error("fake weaviate: " + complaint)
		}
	})
	ts.Setenv("URL", fake.URL)
	address, err := url.Parse(fake.URL)
	ts.Check(err)
	ts.Setenv("PORT", address.Port())
	ts.Setenv("CA", fake.CAPEM())
	stateOf(ts).server, stateOf(ts).asked = fake.URL, fake
}

func startReal(ts *testscript.TestScript, args []string) {
	ctx := context.Background()
	version := weaviatetest.DefaultVersion
	if len(args) == 1 {
		version = args[0]
	}
	_, err := weaviatetest.Build(ctx, version, os.Stderr)
	ts.Check(err)
	server, err := weaviatetest.Start(ctx, weaviatetest.Options{Version: version})
	ts.Check(err)
	ts.Defer(func() { _ = server.Stop(ctx) })
	ts.Setenv("URL", server.URL)
	stateOf(ts).server = server.URL
}

func startProxy(ts *testscript.TestScript, args []string) {
	var faults []weaviatetest.Fault
	if len(args) == 1 {
		var err error
		faults, err = weaviatetest.ReadFaults([]byte(ts.ReadFile(args[0])))
		ts.Check(err)
	}
	proxy, err := weaviatetest.StartProxy(serverOf(ts))
	ts.Check(err)
	ts.Defer(proxy.Close)
	ts.Check(proxy.SetFaults(faults...))
	ts.Setenv("URL", proxy.URL)
	stateOf(ts).asked = proxy
}

func writeRequests(ts *testscript.TestScript, args []string) {
	write(ts, args[0], strings.Join(requestedOf(ts).Requests(), "\n")+"\n")
}

func writeSent(ts *testscript.TestScript, args []string) {
	var b strings.Builder
	for _, request := range requestedOf(ts).Received() {
		fmt.Fprintf(&b, "%s %s\n", request.Method, request.Path)
		ts.Check(request.Header.Write(&b))
		b.WriteString(request.Body + "\n\n")
	}
	write(ts, args[0], b.String())
}

func awaitRequest(ts *testscript.TestScript, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ts.Check(requestedOf(ts).Await(ctx, strings.Join(args, " ")))
}

func call(ts *testscript.TestScript, args []string) {
	method, address := args[0], serverOf(ts)+args[1]
	body := ""
	if len(args) == 3 {
		body = ts.ReadFile(args[2])
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	ts.Check(err)
	request.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	ts.Check(err)
	answer, err := io.ReadAll(response.Body)
	ts.Check(err)
	ts.Check(response.Body.Close())
	if response.StatusCode >= http.StatusBadRequest {
		ts.Fatalf("%s %s: %s: %s", method, address, response.Status, answer)
	}
	_, err = ts.Stdout().Write(sorted(answer))
	ts.Check(err)
}

// sorted is JSON text indented and with its keys in order, and any other text
// as it is.
func sorted(text []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return text
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return text
	}
	return b.Bytes()
}
