// Command containertest proves the action's container: it builds the image
// from the repository's Dockerfile and runs it in the ways that it is run in
// the world, against a real Weaviate.
//
//	go run ./internal/containertest              # everything
//	go run ./internal/containertest -run disk    # only the checks so named
//
// Run it in the repository's root. It needs Linux, Docker, and the network
// once; root where no Docker daemon answers (it then starts one, and stops it
// at the end by its process id). Each check prints one line, PASS or FAIL, with
// its seconds; the exit status is 1 when any failed. Containers, networks,
// volumes and temporary folders are removed, images are kept for the next run.
//
// An image that neither is here nor can be pulled is replaced by a stand-in
// made from this machine (see standin.go), under the name that the Dockerfile
// and the workflows use: so the same Dockerfile is built, and the same
// workflows run, with or without a registry.
//
// The workflows of testdata/workflows are run by act: those with a service and
// `uses: ./` in both network shapes, and the examples of the README as they are.
// For these, the action comes as a release has it, with the image by name; what
// they need of GitHub (artifacts, pull requests, a repository) is on this disk,
// behind the stand-ins in testdata; and their server asks for a key. act is not
// the runner: it doesn't enforce the runner's limits, masks, permissions and
// environments. What the runner hands to a container action (mounts, environment)
// is therefore repeated by the check "github runner", from actions/runner at
// 258d6c8.
//
// Where to read on:
//
//	main.go, harness.go             the list of checks, and how one is carried out
//	plain.go, workspace.go          the image: size, users, files, disks
//	platform.go                     the image for another platform
//	signals.go                      a run that is cancelled
//	runner.go                       what GitHub's runner gives a container
//	act.go                          workflows, by act
//	example.go, site.go             how an example of the README is run
//	example_*.go, testdata          what each should do, and the stand-ins
//	docker.go, daemon.go            Docker
//	server.go, production.go        the Weaviate of the checks, and of the examples
//	standin.go, rootfs.go           images that can't be pulled
package main
