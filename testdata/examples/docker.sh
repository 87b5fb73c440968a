#!/bin/sh
# Save the schema wherever docker runs, and use the outputs. Needs WEAVIATE_URL and
# WEAVIATE_API_KEY in the environment.
set -eu

docker run --rm --user "$(id -u):$(id -g)" --volume "$PWD:/work" --workdir /work \
  --read-only --cap-drop ALL --security-opt no-new-privileges \
  --env WEAVIATE_URL --env WEAVIATE_API_KEY \
  ghcr.io/weaviate-backup/weaviate-backup-action:v1.0.0 --collections 'Doc*' --outputs-file outputs.env

. ./outputs.env
tar -czf schema.tar.gz "$WEAVIATE_BACKUP_OUTPUT_BACKUP_DIRECTORY"
