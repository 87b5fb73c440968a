#!/bin/sh
# Every night, on a machine of your own: save the schema, prove that the files are
# whole, and remove those that are older than 90 days. In a crontab, where what is
# printed comes by mail:
#
#   17 2 * * *  cd /var/backups/weaviate && . ./server.env && /usr/local/bin/nightly.sh
#
# server.env can be read by its owner only, and has
#
#   export WEAVIATE_URL=https://my-cluster.weaviate.network
#   export WEAVIATE_API_KEY=…
set -eu # nothing is removed unless the new files are whole

weaviate-backup --outputs-file outputs.env
. ./outputs.env
# The file alone is asked, and not the server: a value of nothing is none.
WEAVIATE_URL='' weaviate-backup verify --backup-path "$WEAVIATE_BACKUP_OUTPUT_MANIFEST_PATH"
find backups -type f -name '*_[0-9]*_[0-9]*.json' -mtime +90 -delete
