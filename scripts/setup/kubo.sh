#!/usr/bin/env bash
# Kubo: a node that runs already, an `ipfs` that is there, npm's download, or a build with Go.
# Without any of them set-up goes on: the demo then keeps its blocks in files.
source "$(dirname "$0")/common.sh"

# counterfoil.local.parts is where the search order lives.
found() {
    .venv/bin/python -c 'import pathlib, sys
from counterfoil.local import parts
sys.exit(parts.kubo(pathlib.Path.cwd()) is None)'
}

# npm's package brings a script that downloads Kubo. We run it ourselves, with a limit, because
# where it can't get out it would hold up everything.
download() {
    cd node_modules/kubo && timeout 90 node src/post-install.js
}

# Every module is checked against scripts/setup/kubo/go.sum.
build() {
    mkdir -p .tools &&
        go build -C scripts/setup/kubo -trimpath -ldflags='-s -w' \
            -o "$root/.tools/ipfs.new" github.com/ipfs/kubo/cmd/ipfs &&
        mv .tools/ipfs.new .tools/ipfs
}

[ -z "${IPFS_API:-}" ] || exit 0
! found || exit 0
if [ -f node_modules/kubo/src/post-install.js ] && (download) >>"$log" 2>&1 && found; then
    say "Kubo ... downloaded"
    exit 0
fi
if command -v go >/dev/null; then
    step "Kubo, built with Go: about three minutes" build && found && exit 0
    say "Kubo could not be built. It takes Go 1.21 or newer, and the network."
else
    say "Kubo is missing, and so is Go, which could build it: https://go.dev/doc/install"
fi
say "Going on without: the embedded file store gives the same CIDs."
