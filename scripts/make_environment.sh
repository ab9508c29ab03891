#!/bin/sh
# Builds the virtual environment: make_environment.sh FOLDER REQUIREMENTS...
# Nothing is installed outside FOLDER, except python3-venv where Debian split it off and root asks.
set -eu
folder=$1
shift

say() { printf '%s\n' "$*" >&2; }

find_python() {
    for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
        [ -n "$candidate" ] || continue
        command -v "$candidate" >/dev/null 2>&1 || continue
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        printf '%s' "$candidate"
        return 0
    done
    say "Handful needs Python 3.11 or newer; none was found. Install it, or name it: make PYTHON=/path/to/python3 run"
    return 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

python=$(find_python)
if [ ! -x "$folder/bin/python" ] || ! "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    say "Making the environment in $folder with $("$python" --version) ..."
    rm -rf "$folder"
    if ! "$python" -m venv "$folder" >/dev/null 2>&1; then
        # Debian and Ubuntu keep the pip that venv copies in a package of its own.
        rm -rf "$folder"
        package=python3-venv
        say "Python cannot make an environment with pip yet; installing $package ..."
        if ! { as_root apt-get update && as_root apt-get install -y "$package"; } >/dev/null 2>&1 ||
            ! "$python" -m venv "$folder"; then
            rm -rf "$folder"
            say "It could not be installed. Run 'sudo apt-get install $package' and try again."
            exit 1
        fi
    fi
fi
say "Installing packages (about 1 GB the first time; some minutes) ..."
quiet=--quiet
[ ! -t 1 ] || quiet=""  # a person sees pip's own progress
for file in "$@"; do
    "$folder/bin/python" -m pip install $quiet --disable-pip-version-check --no-input -r "$file"
done
