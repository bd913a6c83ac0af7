#!/bin/sh
# Makes the capsules of this folder anew: one run of each scenario against the program's own sandbox, on this machine only.
#
#   tests/findings/make.sh PATH/TO/stagewright [NAME...]
#
# NAME is that of a capsule without its ending; without names all are made, which takes about half an hour. A run whose
# measurement is not valid, because the machine was busy, is made again, up to ATTEMPTS times; the best one is kept.
set -eu

if [ $# -lt 1 ]; then
    echo "usage: $0 PATH/TO/stagewright [NAME...]" >&2
    exit 3
fi
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
folder=$(cd "$(dirname "$0")" && pwd)
attempts=${ATTEMPTS:-4}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
# Ahead of others, where that is allowed.
ahead=""
if nice -n -5 true 2>/dev/null; then
    ahead="nice -n -5"
fi

# What a run of this name is made from.
scenario_of() {
    case $1 in
    clean-comprehensive)
        # The preset's own target has defects on purpose, which its switches cure.
        cured="sandbox:?cache_manager=on\&query_optimizer=on\&payload_optimizer=on"
        sed "s|^base_url = .*|base_url = \"$cured\"|" "$folder/../../presets/comprehensive.toml" >"$work/comprehensive.toml"
        echo "$work/comprehensive.toml --time-scale 0.1"
        ;;
    *) echo "$folder/$1.toml" ;;
    esac
}

# The standing of the newest run's measurement as a whole: 0 valid, 1 weak, 2 not valid.
standing() {
    case $("$program" runs show latest --json --library "$1" | grep '^    "standing"') in
    *'"valid"'*) echo 0 ;;
    *'"weak"'*) echo 1 ;;
    *) echo 2 ;;
    esac
}

make_one() {
    best=3
    attempt=1
    while [ "$attempt" -le "$attempts" ] && [ "$best" -gt 0 ]; do
        library="$work/$1-$attempt.sqlite"
        # Thresholds decide its exit code, which is not what is asked here.
        # shellcheck disable=SC2046,SC2086
        $ahead "$program" run $(scenario_of "$1") --quiet --library "$library" >"$work/said" 2>&1 || true
        found=$(standing "$library")
        if [ "$found" -lt "$best" ]; then
            best=$found
            "$program" runs export latest -o "$folder/$1.stagewright" --library "$library" >/dev/null
        fi
        attempt=$((attempt + 1))
    done
    case $best in
    0) echo "$1: valid" ;;
    1) echo "$1: weak" ;;
    2) echo "$1: not valid" ;;
    *)
        echo "$1: no run was made" >&2
        cat "$work/said" >&2
        return 1
        ;;
    esac
}

if [ $# -eq 0 ]; then
    set -- clean-comprehensive
    for file in "$folder"/*.toml; do
        set -- "$@" "$(basename "$file" .toml)"
    done
fi
for name in "$@"; do
    make_one "$name"
done
