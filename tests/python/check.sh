#!/usr/bin/env bash
# The Python wheel: built, installed into a fresh virtual environment, its doctests, checks and example run there.
# Usage: tests/python/check.sh
# Says so and ends well where Python packages cannot be had.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

skip() {
    printf '\n!!! SKIPPED: the Python wheel was NOT checked: %s\n\n' "$1" >&2
    exit 0
}

folder=$PWD/target/python-check
calxray=${CALXRAY:-target/debug/calxray}
rm -rf "$folder/fresh" "$folder/wheels" "$folder/images"
mkdir -p "$folder"
if [ ! -x "$folder/build/bin/maturin" ]; then
    python3 -m venv "$folder/build" >/dev/null 2>&1 || skip "python3 cannot make a virtual environment"
    timeout 300 "$folder/build/bin/python" -m pip install -q 'maturin>=1.7,<2' >/dev/null 2>&1 || skip "maturin cannot be installed"
fi
# Unoptimised would be too slow to run, so the profile for development is that of calxray itself.
CARGO_TARGET_DIR=$PWD/target "$folder/build/bin/maturin" build -q --profile dev --manifest-path python/Cargo.toml --out "$folder/wheels"
python3 -m venv "$folder/fresh"
timeout 600 "$folder/fresh/bin/python" -m pip install -q "$folder"/wheels/calxray-*.whl pandas pyarrow pydicom >/dev/null 2>&1 ||
    skip "pandas, pyarrow and pydicom cannot be installed"
[ -x "$calxray" ] || cargo build --locked
"$calxray" phantom --out "$folder/images" --count 3 --seed 8 --normal 0 --density 0.8,2 --spacing 0.25 >/dev/null
"$calxray" scan "$folder/images" --out "$folder/images/results" --min-score 0.2 --format csv >/dev/null
cd "$folder"
timeout 300 fresh/bin/python -c 'import calxray, doctest, sys
told = doctest.testmod(calxray, optionflags=doctest.NORMALIZE_WHITESPACE)
print(told)
sys.exit(told.failed > 0 or told.attempted == 0)'
timeout 300 fresh/bin/python "$OLDPWD/tests/python/check.py" images
timeout 300 fresh/bin/python "$OLDPWD/python/examples/explore.py" images >/dev/null
printf 'The Python wheel works in a fresh environment.\n'
