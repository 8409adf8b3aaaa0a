# shellcheck shell=bash
# The private Debian root: made once, brought up to date, entered, removed. Sourced.
#
# Under $TOOLBOX:  root/ (finished), root.new/ (being made), tools/ (debootstrap), lock, log.
# A root is complete when root/etc/samewire-toolbox/recipe exists; root.new is renamed only then. An interrupted build
# leaves root.new, which the next run throws away.

# Raise when a root made by an older recipe must be made anew.
readonly ROOT_RECIPE=1

root_packages() { sed -E 's/[[:space:]]*#.*//; /^$/d' "$TOOLBOX_SOURCE/packages.txt"; }

# What decides whether an existing root needs work: packages, configuration, the host's own certificate authorities.
root_stamp() {
  {
    echo "$ROOT_RECIPE"
    root_packages
    find "$TOOLBOX_SOURCE/registry" "$TOOLBOX_SOURCE/bazel.bazelrc" "$TOOLBOX_SOURCE/root.sh" -type f -print0 | sort -z | xargs -0 cat
    cat /usr/local/share/ca-certificates/*.crt 2>/dev/null || true
  } | sha256sum | cut -d ' ' -f 1
}

root_is_current() {
  [[ -r $TOOLBOX/root/etc/samewire-toolbox/stamp && $(<"$TOOLBOX/root/etc/samewire-toolbox/stamp") == "$(root_stamp)" ]]
}

# The command that makes a mount namespace; for an ordinary user with a user namespace around it.
NAMESPACE=(unshare --mount --propagation private)
((EUID == 0)) || NAMESPACE=(unshare --user --map-root-user --map-auto --mount --propagation private)
# For an ordinary user some files of a root belong to other users, whom only the user namespace can touch.
namespace() { "${NAMESPACE[@]}" -- "$@"; }
exec_namespace() { exec "${NAMESPACE[@]}" -- "$@"; }

# Says what to install when namespaces are not to be had.
check_namespaces() {
  local problem
  [[ $(uname -s) == Linux ]] ||
    fail "no Bazel $BAZEL_VERSION found, and the private Debian root needs Linux (this is $(uname -s))." \
      "Install bazelisk (brew install bazelisk, or npm install -g @bazel/bazelisk) and run again."
  command -v unshare >/dev/null ||
    fail "no Bazel $BAZEL_VERSION found, and 'unshare' (package util-linux) is missing for the private Debian root." \
      "Install bazelisk or util-linux and run again."
  problem=$(namespace true 2>&1) ||
    fail "no Bazel $BAZEL_VERSION found, and this user may not make the namespaces of a private root: ${problem##*$'\n'}" \
      "Install bazelisk (npm install -g @bazel/bazelisk), or uidmap with user namespaces allowed, or run as root."
}

# in_root DIR [BIND...] -- COMMAND... : runs COMMAND in the root DIR with a clean environment.
in_root() {
  local dir=$1
  shift
  namespace env -i "${ENVIRONMENT[@]}" bash "$TOOLBOX_SOURCE/enter.sh" "$dir" "$@"
}

# Copies the host's own certificate authorities into DIR, for everything (an intercepting proxy breaks https without).
root_certificates() {
  local dir=$1
  compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null || return 0
  mkdir -p "$dir/usr/local/share/ca-certificates"
  cp /usr/local/share/ca-certificates/*.crt "$dir/usr/local/share/ca-certificates/"
}

root_configure() {
  local dir=$1
  mkdir -p "$dir/etc/samewire-toolbox"
  rm -rf "$dir/etc/samewire-toolbox/registry"
  cp -r "$TOOLBOX_SOURCE/registry" "$dir/etc/samewire-toolbox/registry"
  cp "$TOOLBOX_SOURCE/bazel.bazelrc" "$dir/etc/bazel.bazelrc"
  # Debian's rc keeps every sandbox folder after its action (slow, fills the disk) and sets a flag that Bazel warns about.
  sed -i -e '/--sandbox_debug/d' -e '/--host_javabase/d' "$dir/etc/bazel/bazelrc"
  in_root "$dir" / -- update-ca-certificates && in_root "$dir" / -- localedef -i en_US -f ISO-8859-1 en_US.ISO-8859-1
}

# Installs what packages.txt names into DIR (inside it), then compares Debian's Bazel with .bazelversion.
root_install() {
  local dir=$1
  local -a packages
  mapfile -t packages < <(root_packages)
  root_certificates "$dir" &&
    in_root "$dir" / "$TOOLBOX_SOURCE" -- bash "$TOOLBOX_SOURCE/install.sh" "${packages[@]}"
}

# Run under the lock: afterwards $TOOLBOX/root is current, or the process has ended with a message.
root_make() {
  local packages
  local -a missing=()
  root_is_current && return
  : >"$TOOLBOX_LOG"
  namespace rm -rf --one-file-system "$TOOLBOX/root.new" "$TOOLBOX/root.old"
  if [[ ! -r $TOOLBOX/root/etc/samewire-toolbox/recipe || $(<"$TOOLBOX/root/etc/samewire-toolbox/recipe") != "$ROOT_RECIPE" ]]; then
    say "no Bazel $BAZEL_VERSION on this machine: making a private Debian root in $TOOLBOX (once, some 2 minutes, about 2 GB;"
    say "the host is not changed; remove it with ./bazelw --toolbox-remove)"
    check_space
    find_debootstrap "$TOOLBOX/tools"
    step "Debian $DEBIAN_SUITE, minimal" debian_base "$TOOLBOX/root.new" ||
      fail "debootstrap could not make the private root (whole log: $TOOLBOX_LOG)."
    step "Bazel and languages" root_install "$TOOLBOX/root.new" ||
      fail "apt could not install into the private root (whole log: $TOOLBOX_LOG)."
    step "configuration" root_configure "$TOOLBOX/root.new" || fail "the private root could not be configured (whole log: $TOOLBOX_LOG)."
    root_version_check "$TOOLBOX/root.new"
    echo "$ROOT_RECIPE" >"$TOOLBOX/root.new/etc/samewire-toolbox/recipe"
    root_packages >"$TOOLBOX/root.new/etc/samewire-toolbox/packages"
    root_stamp >"$TOOLBOX/root.new/etc/samewire-toolbox/stamp"
    [[ ! -e $TOOLBOX/root ]] || mv "$TOOLBOX/root" "$TOOLBOX/root.old"
    mv "$TOOLBOX/root.new" "$TOOLBOX/root"
    namespace rm -rf --one-file-system "$TOOLBOX/root.old"
    return
  fi
  mapfile -t missing < <(comm -13 <(sort "$TOOLBOX/root/etc/samewire-toolbox/packages" 2>/dev/null) <(root_packages | sort))
  if ((${#missing[@]})); then
    step "adding ${missing[*]} to the private root" root_install "$TOOLBOX/root" ||
      fail "apt could not install into the private root (whole log: $TOOLBOX_LOG)."
    root_packages >"$TOOLBOX/root/etc/samewire-toolbox/packages"
  fi
  root_certificates "$TOOLBOX/root"
  step "configuration of the private root" root_configure "$TOOLBOX/root" ||
    fail "the private root could not be configured (whole log: $TOOLBOX_LOG)."
  root_stamp >"$TOOLBOX/root/etc/samewire-toolbox/stamp"
}

# Refuses to start what cannot be finished.
check_space() {
  local free
  free=$(df --output=avail -k "$TOOLBOX" | tail -n 1)
  ((free >= ROOT_NEEDS_KIB)) ||
    fail "the private root needs $((ROOT_NEEDS_KIB / 1048576)) GB under $TOOLBOX; only $((free / 1048576)) GB are free." \
      "Free some space, or set XDG_CACHE_HOME to a folder on a larger disk."
}
readonly ROOT_NEEDS_KIB=$((4 * 1048576))

# One line when Debian has moved on from the Bazel that this project pins.
root_version_check() {
  local offered
  offered=$(sed -n '/^Package: bazel-bootstrap$/,/^$/s/^Version: //p' "$1/var/lib/dpkg/status")
  case $offered in
    "$BAZEL_VERSION" | "$BAZEL_VERSION"[-+~]*) ;;
    "${BAZEL_VERSION%.*}".*) say "Debian $DEBIAN_SUITE now has Bazel $offered; .bazelversion pins $BAZEL_VERSION: same minor release, expected to work." ;;
    *) say "Debian $DEBIAN_SUITE now has Bazel ${offered:-(none)}; .bazelversion pins $BAZEL_VERSION: not tried with this project." ;;
  esac
}
