# shellcheck shell=bash
# Shared by the scripts beside it: where the project is, how to say something, how to build a preset.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

say() { echo "${0##*/}: $*" >&2; }
die() { say "$*"; exit 2; }

# build PRESET [CMAKE_ARGUMENT...]: configures when needed and builds; output goes to stderr. Builds everything, or
# with TESTS set the tests whose names it matches.
# In CI warnings are errors; elsewhere they are once tools/check has run.
build() {
    local preset=$1
    shift
    [ -z "${CI:-}" ] || set -- -DARETE_WERROR=ON "$@"
    local folder=build/$preset argument configured=1
    mkdir -p "$folder"
    exec 9>"$folder/.lock"
    flock 9
    if [ ! -e "$folder/build.ninja" ] || [ CMakePresets.json -nt "$folder/build.ninja" ]; then
        configured=0
    fi
    for argument in "$@"; do
        argument=${argument#-D}
        grep -q "^${argument%%=*}:[A-Z]*=${argument#*=}$" "$folder/CMakeCache.txt" 2>/dev/null || configured=0
    done
    if [ $configured = 0 ]; then
        say "configuring $folder"
        cmake --preset "$preset" "$@" >"$folder/configure.log" 2>&1 || {
            cat "$folder/configure.log" >&2
            die "configuring $folder failed (the lines above; also in $folder/configure.log)"
        }
    fi
    say "building $folder"
    local targets=(all)
    [ -z "${TESTS:-}" ] || mapfile -t targets < <(
        find tests -name '*_test.c' -printf '%f\n' | sed 's/\.c$//' | grep -E "$TESTS")
    cmake --build "$folder" --target "${targets[@]}" >&2 || die "building $folder failed (the lines above)"
    flock -u 9
    exec 9>&-
}
