# Sourced by every script of this folder before anything else, UNTESTED set: strict, at the root of the project, with what the
# scripts share. Sets `calxray` (their first argument, or the debug build) and `python`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
calxray=${1:-target/debug/calxray}
python=python3
. tests/support/packages.sh
. tests/pacs/receiver.sh

# new_folder PATH   Sets `folder`, made anew with the folders for what is told further.
new_folder() {
    folder=$1
    shift
    rm -rf "$folder"
    mkdir -p "$folder" "${@/#/$folder/}"
}
