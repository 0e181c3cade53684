#!/usr/bin/env bash
# Makes editor.js, markdown.js and wasi.js here, and the licences of what is in them, from the
# packages of package-lock.json. Needs npm; to be run again when a version changes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/package*.json "$here"/*.entry.js "$work"
cd "$work"
npm ci --silent --ignore-scripts
for name in editor:goldenEditor markdown:goldenMarked wasi:goldenWasi; do
    node node_modules/esbuild/bin/esbuild "${name%:*}.entry.js" --bundle --minify --format=iife \
        --global-name="${name#*:}" --outfile="$here/${name%:*}.js" --log-level=error
done
for package in node_modules/@bjorn3/* node_modules/@codemirror/* node_modules/@lezer/* \
    node_modules/@marijn/* node_modules/crelt node_modules/marked node_modules/style-mod \
    node_modules/w3c-keyname; do
    name=${package#node_modules/}
    printf '%s\n%s\n\n' "$name" "${name//?/=}"
    cat "$package"/LICENSE*
    printf '\n\n'
done > "$here/LICENCES.txt"
