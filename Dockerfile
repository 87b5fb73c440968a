# The image of the action, and of the same tool on any other CI.
#
# - No USER: a container action must write to a workspace that may belong to
#   anyone. What it writes is given to the workspace's owner.
# - No WORKDIR: the runner sets its own.
# - No RUN --mount: runners without BuildKit build this file too. For them
#   BUILDPLATFORM and TARGETARCH are not set, and mean the runner's own platform:
#   "linux" alone takes its architecture from the daemon, and an empty GOARCH from
#   Go. A default of the ARG would hide what BuildKit sets.
# - Compiled on the builder's platform for the image's: no emulation.
# - busybox, not scratch: GitLab, Jenkins and Kubernetes runners need a shell.

FROM --platform=${BUILDPLATFORM:-linux} golang:1.26.8-alpine3.22 AS build
WORKDIR /src
# No go mod download: it would fetch the modules of the tests too, 100 MB beside
# the 6 that the build asks for.
COPY go.mod go.sum main.go ./
COPY internal internal
ARG TARGETARCH
ARG VERSION=dev
ARG REVISION=unknown
# Smaller by 1 MB: the program speaks HTTP/1.1 only, and nothing is gained by
# inlining what waits for the network, or what runs once, nor by gaps of up to 31
# bytes between functions. The JSON library is inlined: it walks over every byte of
# a schema.
RUN CGO_ENABLED=0 GOARCH=${TARGETARCH} go build -buildvcs=false -tags nethttpomithttp2 -trimpath \
      -gcflags all=-l -gcflags github.com/go-json-experiment/...= \
      -ldflags "-s -w -funcalign=8 -X main.version=${VERSION} -X main.commit=${REVISION}" -o /weaviate-backup .

# The licences of what is linked into the program, which ask to go with it.
RUN modules=$(CGO_ENABLED=0 GOARCH=${TARGETARCH} go list -tags nethttpomithttp2 -deps -f '{{with .Module}}{{if not .Main}}{{.Dir}}{{end}}{{end}}' .) && \
    for module in $(echo "$modules" | sort -u) "$(go env GOROOT)"; do \
      printf '\n==== %s ====\n\n' "${module#"$(go env GOMODCACHE)/"}" && cat "$module"/[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]* || exit 1; \
    done >/LICENSES && gzip -9n /LICENSES

FROM busybox:1.37.0-musl
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="weaviate-backup-action" \
      org.opencontainers.image.description="Saves the schema of Weaviate collections to files, in a CI job" \
      org.opencontainers.image.source="https://github.com/weaviate-backup/weaviate-backup-action" \
      org.opencontainers.image.licenses="Apache-2.0 AND BSD-3-Clause AND GPL-2.0-only AND MIT AND MPL-2.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /LICENSES.gz /usr/share/doc/weaviate-backup/LICENSES.gz
COPY --from=build /weaviate-backup /usr/local/bin/weaviate-backup
ENTRYPOINT ["/usr/local/bin/weaviate-backup"]
