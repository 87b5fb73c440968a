#!/usr/bin/env bash
# Says what the release of a tag like source-v1.2.3 is, as outputs of a step, or
# refuses it: a commit that is not on main, a version that is out, or one below
# another of its major version that is, to which v1 would go back. What counts are
# the tags of releases, v1.2.3: where only source-v1.2.3 is there, its release failed.
#
#   version  v1.2.3
#   latest   whether no higher version is out, of any major version
#   since    the tag of the source of the highest release that this one contains, for
#            the notes
#
# Runs in a clone that has main and all tags.
# Usage: plan.sh TAG COMMIT
set -euo pipefail

tag=$1 commit=$2
version=${tag#source-}
number='(0|[1-9][0-9]*)'
tags=$(git tag --list --sort=version:refname)

refuse() {
  echo "::error title=Release::$1" >&2
  exit 1
}

released() { # PREFIX: the tags of releases that begin so, the lowest first
  grep --extended-regexp "^$1" <<<"$tags" | grep --extended-regexp "^v$number\.$number\.$number\$" || true
}

above() { # VERSION: whether this release's is above it
  [[ $(printf '%s\n' "$1" "$version" | sort --version-sort | tail --lines=1) == "$version" ]]
}

[[ $version =~ ^v$number\.$number\.$number$ ]] || refuse "$tag is no tag like source-v1.2.3."
git merge-base --is-ancestor "$commit" refs/remotes/origin/main || refuse "The commit of $tag is not on main."
major=${version%%.*}
if grep --quiet --fixed-strings --line-regexp "$version" <<<"$tags"; then
  refuse "$version is out already: tag another version."
fi
newest=$(released "$major\." | tail --lines=1)
above "$newest" || refuse "$newest is out, which is above $version: $major would go back."

latest=true
above "$(released v | tail --lines=1)" || latest=false
since=
for other in $(released v); do
  if git merge-base --is-ancestor "refs/tags/source-$other" "$commit"; then
    since=source-$other
  fi
done
printf '%s\n' "version=$version" "latest=$latest" "since=$since"
