# shellcheck shell=bash
# What of the caller's environment goes into the private root. Sourced.
# A clean start and a list of what is kept: host paths of Python, Java or Node mean nothing inside.

# Names that are kept as they are; a trailing * is a prefix.
readonly ENVIRONMENT_KEPT=(
  HOME TERM COLORTERM NO_COLOR LANG LC_ALL TZ COLUMNS CI 'XDG_CACHE_HOME'
  'SAMEWIRE_*' 'GIT_*'
  # proxies and certificates
  http_proxy https_proxy no_proxy all_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY
  SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS AWS_CA_BUNDLE
  # the user's own registries
  'PIP_*' 'UV_*' 'npm_config_*' 'NPM_CONFIG_*' 'CARGO_*' GOPROXY GONOSUMDB GOSUMDB GOFLAGS GOPRIVATE GOINSECURE
)
# Of those: host paths that would mislead.
readonly ENVIRONMENT_DROPPED=(SAMEWIRE_PYTHON UV_PYTHON UV_PROJECT_ENVIRONMENT UV_TOOL_DIR CARGO_HOME PIP_TARGET PIP_PREFIX PIP_PYTHON)

# environment : fills the array ENVIRONMENT with NAME=value for env -i.
environment() {
  local name pattern dropped=" ${ENVIRONMENT_DROPPED[*]} "
  ENVIRONMENT=(PATH=/usr/sbin:/usr/bin:/sbin:/bin USER="$(id -un 2>/dev/null || echo root)" LOGNAME=root)
  while IFS= read -r name; do
    [[ $dropped == *" $name "* ]] && continue
    for pattern in "${ENVIRONMENT_KEPT[@]}"; do
      # shellcheck disable=SC2053  # a pattern on purpose
      if [[ $name == $pattern ]]; then
        ENVIRONMENT+=("$name=${!name}")
        break
      fi
    done
  done < <(compgen -e)
  # A Python of the user's own is taken where the root sees it: below the folders that are bound into it.
  case ${SAMEWIRE_PYTHON-} in
    "") ;;
    "$HOME"/* | /tmp/*) ENVIRONMENT+=("SAMEWIRE_PYTHON=$SAMEWIRE_PYTHON") ;;
    *) echo "bazelw: the private root does not see SAMEWIRE_PYTHON=$SAMEWIRE_PYTHON and takes its own; one below $HOME would do" >&2 ;;
  esac
}

# outside_files : prints the existing files and folders that kept variables name, so that they can be bound into the root.
outside_files() {
  local name value
  for name in SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS AWS_CA_BUNDLE PIP_FIND_LINKS PIP_CERT UV_FIND_LINKS; do
    value=${!name:-}
    # The root has its own /etc/ssl, filled with the host's authorities.
    [[ $value == /* && $value != /etc/ssl/* && -e $value ]] && printf '%s\n' "$value"
  done
  return 0
}
