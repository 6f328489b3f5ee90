#!/usr/bin/env bash
# Builds the test servers of the open62541 stack (MPL-2.0, C) from the source that Debian keeps: `server` (server.c), and `alarms`
# (alarms.c) with the whole namespace of the standard, which conditions need and Debian's archive leaves out; it is taken from the
# nodesets that node-opcua brings. Needs cmake, gcc, python3 and libssl-dev. Neither is optimized, warned of or optimized once more
# when it is linked: that takes a minute and a half of one core; with it, it took five.
# Prints the programs' paths on success; a second run does nothing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
cache=$root/node_modules/.cache/waybill/open62541
nodesets=$root/node_modules/node-opcua-nodesets/nodesets
version=1.4.11.1
sha256=2979c0f09b766fd6470bdf06c8500c90ed51327aae1c22af132641a44178b722
url=http://deb.debian.org/debian/pool/main/o/open62541/open62541_$version.orig.tar.gz
source=$cache/open62541-$version

is_built() { [[ -x $cache/$1 && $cache/$1 -nt $here/$1.c && $cache/$1 -nt $here/build.sh ]]; }

# build PROGRAM LIBRARIES OPTIONS OF CMAKE…
build() {
  local program=$1 libraries=$2 folder=$cache/$1-build
  shift 2
  if is_built "$program"; then return; fi
  rm -rf "$folder"
  cmake -S "$source" -B "$folder" -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS=-O0 -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=OFF -DUA_ENABLE_HARDENING=OFF -DBUILD_SHARED_LIBS=OFF \
    -DUA_ENABLE_PUBSUB=OFF -DUA_ENABLE_PUBSUB_INFORMATIONMODEL=OFF -DUA_ENABLE_JSON_ENCODING=OFF "$@" >"$program-cmake.log" 2>&1 || { tail -20 "$program-cmake.log" >&2; exit 1; }
  # To look for what it could warn of takes the compiler longer than all else.
  sed -i -E 's/ -W[^ ]+//g; s/^C_FLAGS = /&-w /' "$folder"/CMakeFiles/*.dir/flags.make
  make -C "$folder" -j2 open62541 >"$program-make.log" 2>&1 || { tail -20 "$program-make.log" >&2; exit 1; }
  # shellcheck disable=SC2086 # several libraries
  gcc -O2 -o "$program.new" "$here/$program.c" -I"$source/include" -I"$folder/src_generated" -I"$source/plugins/include" -I"$source/deps" -I"$source/arch" \
    "$folder/bin/libopen62541.a" $libraries -lm -lpthread >"$program-gcc.log" 2>&1 || { tail -20 "$program-gcc.log" >&2; exit 1; }
  mv "$program.new" "$program"
}

mkdir -p "$cache"
cd "$cache"
if ! is_built server || ! is_built alarms; then
  archive=open62541-$version.tar.gz
  # apt's own way to the mirror, with its proxy settings; checks the sum
  /usr/lib/apt/apt-helper download-file "$url" "$archive" "SHA256:$sha256" >&2
  rm -rf "$source" nodeset
  tar xzf "$archive"
  mkdir -p nodeset/Schema
  # numbers, statuses and structures as the source knows them; the nodes of a later version of the standard
  cp "$source"/tools/schema/{NodeIds.csv,StatusCode.csv,Opc.Ua.Types.bsd,Custom.Opc.Ua.Transport.bsd} nodeset/Schema/
  cp "$nodesets/Opc.Ua.NodeSet2.xml" nodeset/Schema/
fi
build server '-lssl -lcrypto' -DUA_NAMESPACE_ZERO=REDUCED -DUA_ENABLE_ENCRYPTION=OPENSSL -DUA_ENABLE_HISTORIZING=ON
build alarms '' -DUA_NAMESPACE_ZERO=FULL -DUA_NODESET_DIR="$cache/nodeset" -DUA_ENABLE_SUBSCRIPTIONS_ALARMS_CONDITIONS=ON
echo "$cache/server $cache/alarms"
