#!/usr/bin/env bash
# Make the environment of the oracle, real MXNet 1.9.1, in .oracle/ and print its interpreter's path.
#
#   export MXNET_ORACLE_PYTHON=$(tools/oracle.sh)
#   $MXNET_ORACLE_PYTHON tests/oracle/digits.py        # write a golden file anew
#   python -m pytest -m oracle                         # repeat the comparison live
#
# MXNet 1.9.1 needs Python 3.8: $MXNET_ORACLE_BASE names such an interpreter; without it, python3.8 and pyenv are tried.
set -euo pipefail
cd "$(dirname "$0")/.."

is_38() { [ -n "$1" ] && "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 8))' 2>/dev/null; }

find_base() {
    local candidate
    if [ -n "${MXNET_ORACLE_BASE:-}" ]; then
        is_38 "$MXNET_ORACLE_BASE" && echo "$MXNET_ORACLE_BASE" && return
        echo "MXNET_ORACLE_BASE=$MXNET_ORACLE_BASE is not a Python 3.8 interpreter" >&2
        return 1
    fi
    for candidate in python3.8 "$(pyenv prefix 3.8 2>/dev/null || true)/bin/python" \
        "$(pyenv root 2>/dev/null || true)"/versions/3.8*/bin/python; do
        is_38 "$candidate" && echo "$candidate" && return
    done
    echo "no Python 3.8 found: install one (for example 'pyenv install 3.8'), or name it in MXNET_ORACLE_BASE" >&2
    return 1
}

if ! .oracle/bin/python -c 'import mxnet' 2>/dev/null; then
    base=$(find_base)
    rm -rf .oracle
    "$base" -m venv .oracle >&2
    .oracle/bin/python -m pip install --quiet numpy==1.23.5 mxnet==1.9.1 >&2
    .oracle/bin/python -c 'import mxnet' >&2
fi
echo "$PWD/.oracle/bin/python"
