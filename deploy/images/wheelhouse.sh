#!/bin/sh
# Every pinned package as a wheel in build/wheelhouse, checked by its hash; pip is asked as it is set up.
set -eu
cd "$(dirname "$0")/../.."
folder=build/wheelhouse
pins=$(cat requirements.txt requirements-real.txt | sha256sum | cut -d' ' -f1)
if [ "$(cat $folder/.pins 2>/dev/null)" != "$pins" ]; then
  rm -rf "$folder"
  .venv/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --require-hashes --dest "$folder" -r requirements.txt -r requirements-real.txt
  echo "$pins" >"$folder/.pins"
fi
