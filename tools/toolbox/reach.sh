#!/usr/bin/env bash
# reach.sh VERSION : can bazelisk work here? Exit 0 when Bazel's download site has VERSION and its module registry answers,
# within a few seconds. A "no" is remembered for an hour, so that nobody waits for it at every call.
set -euo pipefail

version=$1
remembered=${XDG_CACHE_HOME:-$HOME/.cache}/samewire/bazel-site-unreachable
if [[ -n $(find "$remembered" -mmin -60 2>/dev/null) ]]; then
  exit 1
fi

answers() {
  if command -v curl >/dev/null; then
    curl --fail --silent --location --head --output /dev/null --connect-timeout 2 --max-time 4 "$1"
  elif command -v wget >/dev/null; then
    wget --quiet --spider --tries 1 --timeout 3 "$1"
  else
    return 1
  fi
}

# A user who names a mirror of Bazel's site knows that it is there.
if [[ -n ${BAZELISK_BASE_URL:-} ]]; then
  exit 0
fi
if answers "https://releases.bazel.build/$version/release/bazel-$version-linux-x86_64.sha256" &&
  answers https://bcr.bazel.build/bazel_registry.json; then
  exit 0
fi
mkdir -p "${remembered%/*}"
: >"$remembered"
exit 1
