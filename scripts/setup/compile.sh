#!/usr/bin/env bash
# The contracts, compiled into build/contracts: always all of them. The compiler numbers what it reads
# in one go, and its optimizer's choices hang on these numbers, so that contracts compiled in parts
# cost some gas more or less than the same contracts compiled together.
source "$(dirname "$0")/common.sh"

PATH=$root/.venv/bin:$PATH
step "Contracts" brownie compile --all
touch build/contracts/.done
