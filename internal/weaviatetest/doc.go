// Package weaviatetest gives tests a Weaviate to talk to: a real server, and a
// fake one for what a real server won't do on request.
//
// The usual test calls Run, which starts the real server of DefaultVersion on
// free ports of the loopback interface with an empty data folder, and stops it
// when the test ends:
//
//	server := weaviatetest.Run(t, weaviatetest.Options{})
//	server.MustRequest(t, "POST", "/v1/schema", map[string]any{"class": "Article"})
//	server.InsertObjects(t, "Article", "", 300)
//
// The program is Weaviate's own, compiled once per machine and version by
// `go install` into the user's cache folder (see Build). So the tests need Go
// and nothing else, and the first run takes some minutes more.
//
// RunCluster does the same with several nodes, which a test may kill and start again.
//
// NewFake starts an HTTP server in the test's own process that answers the
// reads of a backup as Weaviate does, and any of them wrongly where a Fault says
// so: resets, cut bodies, hangs, refusals, endless answers. It is loud: what it
// does not understand fails the test. A conformance test holds its answers
// against the real server's.
//
// NewProxy stands in front of a real server, for tests of writes: it keeps what
// was written, calls a hook before and after each write, and can lose a request,
// or only its answer.
//
// Not for production code: helpers that take a testing.TB end the test, and
// nothing here keeps a server alive beyond its parent process.
//
// Facts about the server come from its source at v1.39.0
// (usecases/config/environment.go for variables,
// adapters/handlers/rest/configure_api.go for ports) and from running it.
//
// Where to read on:
//
//	build.go                           compiled servers
//	server.go, cluster.go, process.go  real servers: start, stop, kill
//	ports.go, certificate.go, rbac.go  what they listen on, and who may do what
//	request.go, objects.go             speaking to them, filling them
//	corpus.go, many.go                 collections of every kind; thousands of them
//	fake.go, fake_*.go                 the fake: fake_config.go what it holds, fake_answer.go
//	                                   and fake_graphql.go what it says
//	fault.go, intake.go                how it misbehaves, and what it was asked
//	proxy.go                           the proxy
package weaviatetest
