#!/usr/bin/env bash
# Puts two collections with a known number of objects on an empty Weaviate:
# Article with 7 objects and Author with 3. Needs bash and curl.
# Usage: seed.sh URL, with a key in WEAVIATE_API_KEY where the server asks for one
set -euo pipefail

url=$1

post() { # PATH, with the JSON on standard input
  curl --fail-with-body --silent --show-error --output /dev/null \
    ${WEAVIATE_API_KEY:+--header "Authorization: Bearer $WEAVIATE_API_KEY"} \
    --header 'Content-Type: application/json' --data-binary @- "$url$1"
}

objects() { # COLLECTION NUMBER: a batch of that many objects
  local i separator=''
  printf '{"objects":['
  for ((i = 1; i <= $2; i++)); do
    printf '%s{"class":"%s","properties":{"name":"%s %d"},"vector":[0.1,0.2,0.%d]}' "$separator" "$1" "$1" "$i" "$i"
    separator=,
  done
  printf ']}'
}

# A service container answers some seconds after the job has started.
curl --fail --silent --show-error --retry 60 --retry-delay 1 --retry-all-errors \
  --output /dev/null "$url/v1/.well-known/ready"

post /v1/schema <<<'{"class":"Author","vectorizer":"none","properties":[{"name":"name","dataType":["text"]}]}'
post /v1/schema <<<'{"class":"Article","vectorizer":"none","properties":[{"name":"name","dataType":["text"]},{"name":"writtenBy","dataType":["Author"]}]}'
objects Article 7 | post /v1/batch/objects
objects Author 3 | post /v1/batch/objects
echo "7 Article and 3 Author objects are in $url"
