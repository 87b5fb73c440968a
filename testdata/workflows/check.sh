#!/usr/bin/env bash
# Holds what a backup left behind against what seed.sh inserted. Needs bash and
# coreutils; takes the step's outputs in the environment, and runs in the
# workspace.
set -euo pipefail

fail() {
  echo "::error title=Backup check::$1"
  exit 1
}

same() { # WHAT WANT GOT
  [[ $2 == "$3" ]] || fail "$1: want '$2', got '$3'"
  echo "ok: $1 is '$3'"
}

holds() { # FILE TEXT
  grep --quiet --fixed-strings -- "$2" "$1" || fail "$1 does not hold: $2"
  echo "ok: $1 holds: $2"
}

same backup-directory backups "$BACKUP_DIRECTORY"
same backup-path backups "$BACKUP_PATH"
same collections '["Article","Author"]' "$COLLECTIONS"
same collection-count 2 "$COLLECTION_COUNT"
same object-count 10 "$OBJECT_COUNT"
same object-counts '{"Article":7,"Author":3}' "$OBJECT_COUNTS"
same object-count-status exact "$OBJECT_COUNT_STATUS"
same weaviate-version 1.39.0 "$WEAVIATE_VERSION"

mapfile -t paths <<<"$BACKUP_PATHS"
same 'number of backup-paths' 2 "${#paths[@]}"
holds "${paths[0]}" '"collection": "Article"'
holds "${paths[0]}" '"object_count": 7'
holds "${paths[0]}" '"writtenBy"'
holds "${paths[1]}" '"collection": "Author"'
holds "${paths[1]}" '"object_count": 3'
for path in "${paths[@]}"; do
  holds "$MANIFEST_PATH" "\"$(basename "$path")\""
done

# A container runs as root; its files must not.
owner=$(stat --format=%u:%g .)
for path in "$BACKUP_DIRECTORY" "$MANIFEST_PATH" "${paths[@]}"; do
  same "owner of $path" "$owner" "$(stat --format=%u:%g "$path")"
done
same 'number of files' 3 "$(find "$BACKUP_DIRECTORY" -mindepth 1 | wc -l)"
