#!/bin/sh
# The base image from Debian packages, for machines that cannot pull one: root, mmdebstrap and podman
# or docker. Which mirror is asked says apt's own configuration; nothing of it stays in the image.
# usage: deploy/images/base.sh [NAME]
set -eu
name=${1:-minzheng-base}
engine=${ENGINE:-podman}
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
sources=$(find /etc/apt/sources.list /etc/apt/sources.list.d -type f \( -name '*.list' -o -name '*.sources' \) 2>/dev/null || true)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
apt-config dump | grep -E '^Acquire::https?::[A-Za-z:]+ "' >"$work/client.conf" || true

# shellcheck disable=SC2086 # the list of files is meant to be split
mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,ca-certificates,openssl \
  --aptopt='APT::Install-Recommends "false"' --aptopt="$work/client.conf" \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook='ln -sf python3 "$1/usr/bin/python"' \
  --customize-hook='rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED' \
  --customize-hook='rm -rf "$1"/etc/apt/sources.list* "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap' \
  "$suite" "$work/base.tar" $sources
"$engine" import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8' \
  --change 'CMD ["python"]' "$work/base.tar" "$name" >/dev/null
echo "$name: $("$engine" image inspect --format '{{.Size}}' "$name") bytes"
