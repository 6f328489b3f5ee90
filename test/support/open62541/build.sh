#!/usr/bin/env bash
# Builds the test servers of the open62541 stack (MPL-2.0, C): `server` (server.c) and `alarms` (alarms.c), from the source that
# Debian keeps and with the whole namespace of the standard, which conditions need and Debian's archive leaves out; it is taken from
# the nodesets that node-opcua brings. Needs cmake, gcc, python3 and libssl-dev. Most of it is one file of 11 MB: without
# optimization, warnings and link-time optimization it takes about a minute of one core, with them four.
# Prints the programs' paths on success; a second run does nothing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
cache=$root/node_modules/.cache/waybill/open62541
nodesets=$root/node_modules/node-opcua-nodesets/nodesets
version=1.4.11.1
sha256=2979c0f09b766fd6470bdf06c8500c90ed51327aae1c22af132641a44178b722
url=http://deb.debian.org/debian/pool/main/o/open62541/open62541_$version.orig.tar.gz

isBuilt() { [[ -x $cache/$1 && $cache/$1 -nt $here/$1.c && $cache/$1 -nt $here/build.sh ]]; }
if isBuilt server && isBuilt alarms; then
  echo "$cache/server $cache/alarms"
  exit 0
fi
mkdir -p "$cache"
cd "$cache"
source=$cache/open62541-$version
build=$cache/build
library=$build/bin/libopen62541.a
if [[ ! -f $library || $here/build.sh -nt $library ]]; then
  archive=open62541-$version.tar.gz
  # apt's own way to the mirror, with its proxy settings; checks the sum
  /usr/lib/apt/apt-helper download-file "$url" "$archive" "SHA256:$sha256" >&2
  rm -rf "$source" "$build" nodeset
  tar xzf "$archive"
  mkdir -p nodeset/Schema
  # numbers, statuses and structures as the source knows them; the nodes of a later version of the standard
  cp "$source"/tools/schema/{NodeIds.csv,StatusCode.csv,Opc.Ua.Types.bsd,Custom.Opc.Ua.Transport.bsd} nodeset/Schema/
  cp "$nodesets/Opc.Ua.NodeSet2.xml" nodeset/Schema/
  cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS=-O0 -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=OFF -DUA_ENABLE_HARDENING=OFF -DBUILD_SHARED_LIBS=OFF \
    -DUA_NAMESPACE_ZERO=FULL -DUA_NODESET_DIR="$cache/nodeset" -DUA_ENABLE_SUBSCRIPTIONS_ALARMS_CONDITIONS=ON -DUA_ENABLE_ENCRYPTION=OPENSSL -DUA_ENABLE_HISTORIZING=ON \
    -DUA_ENABLE_PUBSUB=OFF -DUA_ENABLE_PUBSUB_INFORMATIONMODEL=OFF -DUA_ENABLE_JSON_ENCODING=OFF >cmake.log 2>&1 || { tail -20 cmake.log >&2; exit 1; }
  # to look for what it could warn of takes the compiler longer than all else
  sed -i -E 's/ -W[^ ]+//g; s/^C_FLAGS = /&-w /' "$build"/CMakeFiles/*.dir/flags.make
  make -C "$build" -j2 open62541 >make.log 2>&1 || { tail -20 make.log >&2; exit 1; }
fi
for program in server alarms; do
  gcc -O2 -o "$program.new" "$here/$program.c" -I"$source/include" -I"$build/src_generated" -I"$source/plugins/include" -I"$source/deps" -I"$source/arch" \
    "$library" -lssl -lcrypto -lm -lpthread >"gcc-$program.log" 2>&1 || { tail -20 "gcc-$program.log" >&2; exit 1; }
  mv "$program.new" "$program"
done
echo "$cache/server $cache/alarms"
