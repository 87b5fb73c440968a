#!/usr/bin/env bash
# The migration of the examples, harmless: Article gets a property.
set -euo pipefail

[[ ${OBJECTS_BEFORE-none} == none || $OBJECTS_BEFORE == '{"Article":7,"Author":3}' ]]
curl --fail-with-body --silent --show-error --header "Authorization: Bearer $WEAVIATE_API_KEY" \
  --json '{"name":"teaser","dataType":["text"]}' "$WEAVIATE_URL/v1/schema/Article/properties"
