#!/usr/bin/env bash
# The contracts, compiled into build/contracts.
source "$(dirname "$0")/common.sh"

PATH=$root/.venv/bin:$PATH
step "Contracts" brownie compile
touch build/contracts/.done
