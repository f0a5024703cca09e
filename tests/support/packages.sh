# Sourced by the scripts that hold calxray against other people's software: what they need is installed where it may be;
# where it cannot, they say loudly what was not tested and end well. Set UNTESTED first, in words.

skip() {
    printf '\n!!! SKIPPED: %s: %s\n\n' "${UNTESTED:?}" "$1" >&2
    exit 0
}

# need_tools COMMAND:PACKAGE...
need_tools() {
    local tool
    for tool in "$@"; do
        command -v "${tool%%:*}" >/dev/null || need_package "${tool##*:}"
    done
}

need_package() {
    timeout 300 sh -c "apt-get update -q && apt-get install -q -y --no-install-recommends $1" >/dev/null 2>&1 \
        || skip "the package $1 is not there and cannot be installed"
}

# need_python IMPORTS PACKAGE...   Sets `python`: that of PYTHON if it has what is imported, else one of our own.
need_python() {
    local imports=$1
    shift
    python=${PYTHON:-target/objects-check/python/bin/python}
    if "$python" -c "import $imports" 2>/dev/null; then return; fi
    python=target/objects-check/python/bin/python
    if [ ! -x "$python" ]; then
        mkdir -p target/objects-check
        python3 -m venv target/objects-check/python >/dev/null 2>&1 || skip "python3 cannot make a virtual environment"
    fi
    timeout 300 "$python" -m pip install -q "$@" >/dev/null 2>&1 || skip "the Python packages $* cannot be installed"
}
