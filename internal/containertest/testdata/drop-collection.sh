#!/usr/bin/env bash
# The migration of the examples, harmful: Article is gone, with its objects.
set -euo pipefail

curl --fail-with-body --silent --show-error --header "Authorization: Bearer $WEAVIATE_API_KEY" \
  --request DELETE "$WEAVIATE_URL/v1/schema/Article"
