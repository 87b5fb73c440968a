#!/usr/bin/env bash
# Deletes the draft of a release, of which a failed attempt may have left one: its
# button would make a tag that is not there, of main.
# Usage: drop-draft.sh VERSION, with GH_TOKEN and GITHUB_REPOSITORY in the environment
set -euo pipefail

drafts=$(gh api --paginate "repos/$GITHUB_REPOSITORY/releases" --jq ".[] | select(.draft and .name == \"$1\") | .id")
for id in $drafts; do
  gh api --method DELETE "repos/$GITHUB_REPOSITORY/releases/$id"
done
