#!/bin/sh
# All images of docker-compose.yml: packages and artifacts are brought here, the builds need no network.
# ENGINE=podman|docker; BASE names the base image (made from Debian packages where there is none).
set -eu
cd "$(dirname "$0")/../.."
engine=${ENGINE:-podman}
base=${BASE:-minzheng-base}
python=.venv/bin/python
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
revision=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)

deploy/images/wheelhouse.sh
"$python" -m deploy.images.artifacts build/artifacts
# Any other base is the engine's to pull.
[ "$base" != minzheng-base ] || "$engine" image inspect "$base" >/dev/null 2>&1 || deploy/images/base.sh "$base"
for target in product postgres kafka keycloak; do
  name=minzheng-$target
  [ "$target" = product ] && name=minzheng
  began=$(date +%s)
  # shellcheck disable=SC2086 # more arguments, each a word
  "$engine" build --quiet ${BUILD_ARGUMENTS:-} --target "$target" --build-arg BASE="$base" \
    --label org.opencontainers.image.title="$name" --label org.opencontainers.image.licenses=Apache-2.0 \
    --label org.opencontainers.image.version="$version" --label org.opencontainers.image.revision="$revision" --tag "$name" . >/dev/null
  echo "$name: $(($(date +%s) - began)) s, $(($("$engine" image inspect --format '{{.Size}}' "$name") / 1000000)) MB"
done
