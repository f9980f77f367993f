#!/usr/bin/env bash
# Schemathesis, in a venv of its own as .ci/schemathesis.txt pins it.
source "$(dirname "$0")/common.sh"

venv=.tools/schemathesis
pip=("$venv/bin/python" -m pip --disable-pip-version-check --quiet install)
step "Schemathesis's environment" .venv/bin/python -m venv --clear "$venv"
step "Schemathesis" "${pip[@]}" --requirement .ci/schemathesis.txt
touch "$venv/.done"
