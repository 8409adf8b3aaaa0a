#!/usr/bin/env bash
# Bazel on a machine that has none: a private Debian root under the user's cache folder. Called by ./bazelw.
#
#   toolbox.sh bazel ARGS...   Bazel in the root (made first if it has to be)
#   toolbox.sh exec CMD...     any command in the root
#   toolbox.sh status|remove
set -euo pipefail

TOOLBOX_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
REPOSITORY=${TOOLBOX_SOURCE%/tools/toolbox}
# shellcheck disable=SC2034  # for the files sourced below
BAZEL_VERSION=$(<"$REPOSITORY/.bazelversion")
SAMEWIRE_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/samewire
TOOLBOX=$SAMEWIRE_CACHE/toolbox
TOOLBOX_LOG=$TOOLBOX/log
for noun in progress debian environment root; do
  # shellcheck source=tools/toolbox/root.sh
  . "$TOOLBOX_SOURCE/$noun.sh"
done

# Sees to a current root, one process at a time; the common case (current) takes no lock.
ready() {
  root_is_current && return
  check_namespaces
  mkdir -p "$TOOLBOX"
  exec 9>"$TOOLBOX/lock"
  if ! flock --nonblock 9; then
    say "another call is making the private root; waiting for it (its log: $TOOLBOX_LOG)"
    flock 9
  fi
  root_make
  exec 9>&-
}

# The folder above CWD that Bazel will take for the workspace, when it is not this repository.
workspace() {
  local dir
  dir=$(pwd -P)
  while [[ -n $dir ]]; do
    [[ -e $dir/MODULE.bazel || -e $dir/WORKSPACE ]] && { printf '%s\n' "$dir"; return; }
    dir=${dir%/*}
  done
  pwd -P
}

# Never comes back.
enter() {
  local -a binds
  root_zstd "$TOOLBOX/root"
  root_identity "$TOOLBOX/root"
  mapfile -t binds < <({ printf '%s\n' "$HOME" /tmp "$SAMEWIRE_CACHE" "$REPOSITORY" "$(workspace)"; outside_files; } | grep -vx / | sort -u)
  exec_namespace env -i "${ENVIRONMENT[@]}" bash "$TOOLBOX_SOURCE/enter.sh" "$TOOLBOX/root" "$(pwd -P)" "${binds[@]}" -- "$@"
}

status() {
  if [[ ! -d $TOOLBOX/root ]]; then
    echo "private root: none ($TOOLBOX)"
  elif root_is_current; then
    echo "private root: current, $(du -sh "$TOOLBOX/root" 2>/dev/null | cut -f 1), in $TOOLBOX/root"
  else
    echo "private root: out of date; the next call brings it up to date ($TOOLBOX/root)"
  fi
  [[ ! -d $TOOLBOX/root.new ]] || echo "an unfinished one is being made, or was interrupted: $TOOLBOX/root.new"
}

remove() {
  [[ -d $TOOLBOX ]] || { echo "private root: none ($TOOLBOX)"; return; }
  exec 9>"$TOOLBOX/lock"
  flock --nonblock 9 || fail "another call is making the private root; wait for it to end, or stop it, and run again."
  # Only servers of this root write their process id there.
  for file in "$SAMEWIRE_CACHE"/bazel/*/server/server.pid.txt; do
    [[ -r $file && $(readlink "/proc/$(<"$file")/exe") == *java* ]] || continue
    kill "$(<"$file")" && say "stopped Bazel server $(<"$file")"
  done
  namespace rm -rf --one-file-system "$TOOLBOX"
  echo "removed $TOOLBOX"
  [[ ! -d $SAMEWIRE_CACHE/bazel ]] || echo "Bazel's outputs are still in $SAMEWIRE_CACHE/bazel; remove that folder too if nothing needs them."
}

environment
# For a ./bazelw that is called inside the root.
ENVIRONMENT+=("SAMEWIRE_INSIDE=$SAMEWIRE_CACHE/bazel")
case ${1:-} in
  bazel)
    shift
    ready
    enter bazel --output_user_root="$SAMEWIRE_CACHE/bazel" "$@"
    ;;
  exec)
    shift
    ready
    enter "$@"
    ;;
  status) status ;;
  remove) remove ;;
  *)
    say "toolbox.sh: unknown command '${1:-}' (bazel, exec, status or remove)"
    exit 2
    ;;
esac
