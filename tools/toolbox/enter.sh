#!/usr/bin/env bash
# Enters the private root and runs a command there. Runs in a mount namespace of its own (see root.sh), so nothing of what
# is mounted here outlives the command and its children.
#
#   enter.sh ROOT CWD [BIND...] -- COMMAND...
#
# pivot_root, and neither chroot nor bwrap: only after a real pivot may Bazel's linux-sandbox nest a user namespace of its
# own; in the other two it falls back to no sandbox at all, silently.
set -euo pipefail

root=$1 cwd=$2
shift 2
binds=()
while [[ $1 != -- ]]; do
  binds+=("$1")
  shift
done
shift

mount --bind "$root" "$root"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
# A fresh /proc needs a PID namespace of our own user namespace; an ordinary user takes the host's.
mount -t proc proc "$root/proc" 2>/dev/null || mount --rbind /proc "$root/proc"
for file in /etc/resolv.conf /etc/hosts; do
  [[ -e $file ]] || continue
  [[ -e $root$file ]] || : >"$root$file"
  mount --bind "$(readlink -f "$file")" "$root$file"
done
for path in ${binds[@]+"${binds[@]}"}; do
  if [[ -d $path ]]; then
    [[ -d $root$path ]] || mkdir -p "$root$path"
  elif [[ ! -e $root$path ]]; then
    mkdir -p "$root${path%/*}"
    : >"$root$path"
  fi
  # With what is mounted below it, but for a folder that holds the root itself: that would mount the root in the root.
  if [[ $root/ == "$path"/* ]]; then
    mount --bind "$path" "$root$path"
  else
    mount --rbind "$path" "$root$path"
  fi
done

mkdir -p "$root/.host"
cd "$root"
pivot_root . .host
cd "$cwd"
PATH=/usr/sbin:/usr/bin:/sbin:/bin
hash -r
umount --lazy /.host
exec "$@"
