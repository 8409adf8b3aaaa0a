# shellcheck shell=bash
# Progress for people: what is being done, for how long already, and the log when it fails. Sourced.

say() { printf 'bazelw: %s\n' "$*" >&2; }

# fail LINE... : says each line, exits 3 (could not run).
fail() {
  local line
  for line in "$@"; do say "$line"; done
  exit 3
}

# step TITLE COMMAND... : runs COMMAND with its output in $TOOLBOX_LOG. On a terminal one line counts the seconds; in a log
# there is a line at the start, one every 15 s and one at the end. Returns COMMAND's status.
step() {
  local title=$1 began=$SECONDS told=$SECONDS worker status=0 last
  shift
  printf '\n== %s: %s\n' "$title" "$*" >>"$TOOLBOX_LOG"
  [[ -t 2 ]] || say "$title ..."
  # A process group of its own, which is ended when this call is interrupted: nobody is left working on a root.
  set -m
  "$@" >>"$TOOLBOX_LOG" 2>&1 </dev/null &
  worker=$!
  set +m
  # shellcheck disable=SC2064  # this worker
  trap "kill -- -$worker 2>/dev/null; wait; [[ ! -t 2 ]] || echo >&2; say 'interrupted; the next call starts where it can'; exit 130" INT TERM HUP
  while kill -0 "$worker" 2>/dev/null; do
    if [[ -t 2 ]] && ((SECONDS > told)); then
      told=$SECONDS
      last=$(tail -n 1 "$TOOLBOX_LOG" | tr -d '\r' | cut -c1-60)
      printf '\r\033[Kbazelw: %s ... %d s  %s' "$title" $((SECONDS - began)) "$last" >&2
    elif ((SECONDS >= told + 15)); then
      told=$SECONDS
      say "$title ... $((SECONDS - began)) s"
    fi
    sleep 0.2
  done
  wait "$worker" || status=$?
  trap - INT TERM HUP
  [[ -t 2 ]] && printf '\r\033[K' >&2
  if ((status == 0)); then
    say "$title: $((SECONDS - began)) s"
  else
    say "$title: failed after $((SECONDS - began)) s; the end of $TOOLBOX_LOG:"
    tail -n 12 "$TOOLBOX_LOG" >&2
  fi
  return "$status"
}
