#!/bin/sh
# The write-ahead log, piece by piece, into the backup folder and back. The server's account runs this
# copy in its data folder, where nothing of ours but the certificate can be reached.
# usage: archive.sh keep FOLDER NAME PIECE [CERTIFICATE]
#        archive.sh fetch FOLDER NAME PIECE [KEY] [LEFT]   LEFT: where pieces lie that were not archived
#        archive.sh try CERTIFICATE
# NAME.sealed is a line with a hash of name and content, then the piece, compressed, as CMS: one file,
# there whole or not at all. The hash is no secret: 16 MB of the server's numbers are not guessed.
set -u

# Files instead of pipes: every program's failure counts. In no base; the server leaves it alone.
held=pg_stat_tmp/piece.gz

mark() { openssl dgst -sha256 -hmac "$name" -r <"$piece"; }

seal() {
  openssl cms -encrypt -binary -stream -outform DER -aes-256-gcm -in "$1" \
    -recip "$2" -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256
}

# A taken name is a success for the same piece only.
keep() {
  if test -e "$to.gz"; then gunzip -c "$to.gz" | cmp -s - "$piece"; return; fi
  if test -e "$to.sealed"; then read -r kept <"$to.sealed"; test "$kept" = "$(mark)"; return; fi
  if test -z "$1"; then
    gzip -1 -c "$piece" >"$to.part" && store gz
  else
    gzip -1 -c "$piece" >"$held" && { mark && seal "$held" "$1"; } >"$to.part" && store sealed
  fi
}

store() { sync "$to.part" && mv "$to.part" "$to.$1"; }

# What is there and cannot be opened ends the recovery, at a code above 125: the server would take any
# lower one for the end of the log.
fetch() {
  failed=1
  if test -e "$to.sealed"; then open "$1" && return; failed=200
  elif test -e "$to.gz"; then gunzip -c "$to.gz" >"$piece" && return; failed=200; fi
  test -n "$2" && test -e "$2/$name" && cp "$2/$name" "$piece" && return
  test $failed -eq 1 || echo "damaged, or sealed for another key: $to" >&2
  return $failed
}

open() {
  { read -r kept && openssl cms -decrypt -inform DER -inkey "$1" -out "$held"; } <"$to.sealed" &&
    gunzip -c "$held" >"$piece" && test "$kept" = "$(mark)"
}

if test "$1" = try; then seal "$2" "$2" >/dev/null; exit; fi
to=$2/$3 name=$3 piece=$4
case $1 in
  keep) keep "${5:-}" ;;
  fetch) fetch "${5:-}" "${6:-}" ;;
esac
