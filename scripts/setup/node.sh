#!/usr/bin/env bash
# Node parts, as package-lock.json pins them. No package runs a script of its own.
source "$(dirname "$0")/common.sh"

how="On Debian: apt-get install nodejs npm"
version=$(node -p 'process.versions.node' 2>/dev/null) || missing "Node is missing. $how"
[ "${version%%.*}" -ge 20 ] || missing "Node $version is too old; 20 is needed. See https://nodejs.org/en/download"
npm --version >/dev/null 2>&1 || missing "npm is missing. $how"

step "Node parts" npm ci --ignore-scripts --no-audit --no-fund --no-progress --loglevel=error
touch node_modules/.done
