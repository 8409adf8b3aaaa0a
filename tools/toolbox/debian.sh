# shellcheck shell=bash
# Where Debian's signed packages come from: the mirror of the host, debootstrap, the keyring. Sourced.
# Nothing is installed on the host: .deb files are downloaded with the host's apt and unpacked into the cache folder.

readonly DEBIAN_SUITE=forky
# What debootstrap calls the scripts that fit every newer Debian; older hosts have no script named after DEBIAN_SUITE.
readonly DEBIAN_SCRIPT=sid

# Prints the Debian mirror of the host's apt sources, or nothing (then debootstrap takes its default).
host_mirror() {
  local file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
    [[ -r $file ]] || continue
    # Both notations; a mirror of Debian itself has a path that ends in /debian (not debian-security, not ubuntu).
    sed -nE 's|^(deb[[:space:]]+(\[[^]]*\][[:space:]]+)?\|URIs:[[:space:]]*)([a-z+]+://[^[:space:]]*/debian)/?([[:space:]].*)?$|\3|p' "$file"
  done | head -n 1
}

# unpack_deb PACKAGE DIR : the host's apt fetches PACKAGE (checking its signature), dpkg unpacks it into DIR. Where the host
# has no package lists (a fresh container), apt gets some of its own beside it.
unpack_deb() {
  local package=$1 dir=$2
  local -a own=(-o Dir::State::Lists="$dir/lists" -o Dir::Cache="$dir/cache" -o APT::Sandbox::User="$(id -un)")
  rm -rf "$dir/fetch"
  mkdir -p "$dir/fetch" "$dir/lists/partial" "$dir/cache/archives/partial"
  (
    cd "$dir/fetch" || exit 1
    apt-get download -q "$package" || { apt-get "${own[@]}" update -q && apt-get "${own[@]}" download -q "$package"; } || exit 1
    dpkg -x "$package"_*.deb "$dir"
  )
}

# find_debootstrap TOOLS_DIR : sets DEBOOTSTRAP (command), DEBOOTSTRAP_DIR and DEBIAN_KEYRING.
find_debootstrap() {
  local tools=$1
  export DEBOOTSTRAP DEBIAN_KEYRING
  DEBOOTSTRAP=$(command -v debootstrap || true)
  [[ -z $DEBOOTSTRAP && -x /usr/sbin/debootstrap ]] && DEBOOTSTRAP=/usr/sbin/debootstrap
  if [[ -z $DEBOOTSTRAP ]]; then
    if [[ ! -x $tools/usr/sbin/debootstrap ]]; then
      command -v apt-get >/dev/null ||
        fail "no Bazel $BAZEL_VERSION found, and this Linux has neither debootstrap nor apt-get to make a private root." \
          "Install bazelisk (for instance 'npm install -g @bazel/bazelisk'), or debootstrap, and run again."
      step "fetching debootstrap" unpack_deb debootstrap "$tools" ||
        fail "apt could not download debootstrap (whole log: $TOOLBOX_LOG); install debootstrap and run again."
    fi
    DEBOOTSTRAP=$tools/usr/sbin/debootstrap
    export DEBOOTSTRAP_DIR=$tools/usr/share/debootstrap
  fi
  DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
  if [[ ! -r $DEBIAN_KEYRING ]]; then
    DEBIAN_KEYRING=$tools$DEBIAN_KEYRING
    [[ -r $DEBIAN_KEYRING ]] || step "fetching Debian's keys" unpack_deb debian-archive-keyring "$tools" ||
      fail "Debian's signing keys are missing, so its packages cannot be checked." \
        "Install debian-archive-keyring and run again."
  fi
}

# debian_base DIR : a minimal signed Debian in DIR (19 to 44 s).
debian_base() {
  local dir=$1 mirror
  local -a arguments=(--variant=minbase --keyring="$DEBIAN_KEYRING" "$DEBIAN_SUITE" "$dir")
  mirror=$(host_mirror)
  [[ -z $mirror ]] || arguments+=("$mirror" "${DEBOOTSTRAP_DIR:-/usr/share/debootstrap}/scripts/$DEBIAN_SCRIPT")
  # In a user namespace nobody can make device nodes; debootstrap knows that of lxc, and binds the host's.
  ((EUID == 0)) || export container=lxc
  namespace "$DEBOOTSTRAP" "${arguments[@]}"
}

# root_zstd DIR : Debian's Bazel asks for zstd's library (compact execution log, --remote_cache_compression) in its own
# folder alone, and crashes where it is not; Debian keeps it among the libraries. At each entry: it repairs older roots too.
root_zstd() {
  local library link=$1/usr/share/bazel/libzstd-jni.so
  [[ ! -e $link && -d ${link%/*} ]] || return 0
  for library in "$1"/usr/lib/*/libzstd-jni.so; do
    [[ ! -e $library ]] || ln -sfn "../../lib/${library#"$1"/usr/lib/}" "$link"
  done
}

# root_identity DIR : writes what the root is: the versions of all packages that an action may see are one property of the
# platform, and so part of every key in a shared cache, and of Bazel's own here: other compilers, another build. What is
# added lazily for servers is not among them. Made anew only when dpkg has changed something, or the file is of an old form.
root_identity() {
  local rc=$1/etc/samewire-toolbox/identity.bazelrc identity
  [[ ! -e $rc || $1/var/lib/dpkg/status -nt $rc ]] || ! grep -q '^common ' "$rc" || return 0
  # shellcheck disable=SC2016  # expanded inside the root
  identity=$(in_root "$1" / -- bash -c '
    set -euo pipefail
    dpkg-query --show --showformat "\${Package} \${Version} \${Essential}\n" | sort >/tmp/versions
    apt-cache depends --recurse --installed --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances \
      $(cat /etc/samewire-toolbox/packages) | sed -n "s/^\([a-z0-9][^ ]*\)$/\1/p" | sed "s/:.*//" | sort -u |
      join - /tmp/versions | cat /dev/stdin <(grep " yes$" /tmp/versions) | sort -u | sha256sum | cut -c 1-16
    rm /tmp/versions') || return 0
  printf 'common --remote_default_exec_properties=toolbox=%s\n' "$identity" >"$rc.new" && mv "$rc.new" "$rc"
}
