#!/usr/bin/env bash
# Makes the action of a release as a tree of git, and prints its name: the source,
# whose action.yml names the image by its digest instead of the Dockerfile, but for
# the workflows, which the token of a job must not write. Links of the README, its
# picture and go install work there too. Nothing that lies in the folder gets in.
# Usage: tree.sh COMMIT IMAGE@DIGEST
set -euo pipefail

commit=$1 image=$2
scratch=$(mktemp --directory)
trap 'rm --recursive "$scratch"' EXIT
export GIT_INDEX_FILE=$scratch/index

git read-tree "$commit"
git rm -r --cached --quiet .github/workflows
git show "$commit:action.yml" | sed "s|^  image: Dockerfile\$|  image: docker://$image|" >"$scratch/action.yml"
grep --quiet --fixed-strings --line-regexp "  image: docker://$image" "$scratch/action.yml"
git update-index --cacheinfo "100644,$(git hash-object -w "$scratch/action.yml"),action.yml"
git write-tree
