#!/usr/bin/env bash
# The contracts, compiled into build/contracts.
source "$(dirname "$0")/common.sh"

PATH=$root/.venv/bin:$PATH

# brownie can't compile beside an artifact whose source is gone: then all are made anew.
forget_artifacts_without_a_source() {
    local source
    while read -r source; do
        [[ -e $source ]] || { rm -rf build/contracts && return; }
    done < <(grep -rhoP '"sourcePath": *"\Kcontracts[^"]+' build/contracts 2>/dev/null | tr -d '\\' | sort -u)
}

forget_artifacts_without_a_source
step "Contracts" brownie compile
touch build/contracts/.done
