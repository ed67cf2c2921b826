#!/usr/bin/env bash
# Builds the optimised program and prints where it is. Installs what the build needs on Debian 12.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. tools/setup.sh
install "${build_packages[@]}"
build_tree release gatepost
echo "out/release/gatepost"
