#!/usr/bin/env bash
# install.sh PACKAGE... : signed packages without recommends, inside the private root.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

# A mirror may serve a testing suite whose Release file has run out; then, and only then, the date is not checked.
# Signatures and hashes always are.
refresh() {
  local log
  if log=$(apt-get update -q 2>&1); then
    printf '%s\n' "$log"
    return
  fi
  printf '%s\n' "$log"
  [[ $log == *"is expired"* ]] || return 1
  echo "the mirror's Release file has run out: taking it all the same (signatures and hashes are checked)"
  apt-get update -q -o Acquire::Check-Valid-Until=false
}

dpkg --configure -a # what an interrupted run left half-way
refresh
apt-get install -q -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@"
apt-get clean
