#!/usr/bin/env bash
# Builds the test server of the open62541 stack (MPL-2.0, C) from the source that Debian keeps: about ten seconds on two cores.
# Needs cmake, gcc, python3 and libssl-dev. Prints the program's path on success; a second run does nothing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../../.." && pwd)/node_modules/.cache/waybill/open62541
version=1.4.11.1
sha256=2979c0f09b766fd6470bdf06c8500c90ed51327aae1c22af132641a44178b722
url=http://deb.debian.org/debian/pool/main/o/open62541/open62541_$version.orig.tar.gz
program=$cache/server

if [[ -x $program && $program -nt $here/server.c ]]; then
  echo "$program"
  exit 0
fi
mkdir -p "$cache"
cd "$cache"
source=$cache/open62541-$version
library=$source/build/bin/libopen62541.a
if [[ ! -f $library ]]; then
  archive=open62541-$version.tar.gz
  # apt's own way to the mirror, with its proxy settings; checks the sum
  /usr/lib/apt/apt-helper download-file "$url" "$archive" "SHA256:$sha256" >&2
  rm -rf "$source"
  tar xzf "$archive"
  cmake -S "$source" -B "$source/build" -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DUA_ENABLE_ENCRYPTION=OPENSSL -DUA_NAMESPACE_ZERO=REDUCED \
    -DUA_ENABLE_PUBSUB=OFF -DUA_ENABLE_PUBSUB_INFORMATIONMODEL=OFF -DUA_ENABLE_JSON_ENCODING=OFF -DUA_ENABLE_HISTORIZING=ON >cmake.log 2>&1 || { tail -20 cmake.log >&2; exit 1; }
  make -C "$source/build" -j2 open62541 >make.log 2>&1 || { tail -20 make.log >&2; exit 1; }
fi
gcc -O2 -o "$program.new" "$here/server.c" -I"$source/include" -I"$source/build/src_generated" -I"$source/plugins/include" -I"$source/deps" -I"$source/arch" \
  "$library" -lssl -lcrypto -lm -lpthread >gcc.log 2>&1 || { tail -20 gcc.log >&2; exit 1; }
mv "$program.new" "$program"
echo "$program"
