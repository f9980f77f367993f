#!/usr/bin/env bash
# Python parts: .venv as requirements.txt pins it, the `counterfoil` command, and what makes
# `brownie` work from the activated venv without further settings.
source "$(dirname "$0")/common.sh"

python=${PYTHON:-python3.11}
how="On Debian: apt-get install python3.11 python3.11-venv"
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null ||
    missing "Python 3.11 is missing. $how"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    missing "Python 3.11 can't make a venv: its ensurepip is missing. $how"

# A venv that was moved or whose Python is gone is made anew.
if [ "$(.venv/bin/python -c 'import sys; print(sys.prefix)' 2>/dev/null)" != "$root/.venv" ]; then
    step "Python environment" "$python" -m venv --clear .venv
fi
pip=(.venv/bin/python -m pip --disable-pip-version-check --quiet install)
step "Python parts" "${pip[@]}" --requirement requirements.txt
step "The counterfoil command" "${pip[@]}" --no-deps --no-build-isolation --editable .

# py-solc-x looks for its compilers here; brownie reads .env too late to say so.
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf 'import os; os.environ.setdefault("SOLCX_BINARY_PATH", "%s")\n' "$root/scripts/setup/solc" \
    >"$site/counterfoil-solc.pth"

# Brownie starts the chains by name.
ln -sfn ../../node_modules/ganache/dist/node/cli.js .venv/bin/ganache
ln -sfn ../../node_modules/ganache/dist/node/cli.js .venv/bin/ganache-cli
ln -sfn ../../node_modules/@foundry-rs/anvil/bin.mjs .venv/bin/anvil
touch .venv/.done
