#!/usr/bin/env bash
# Builds the test server with alarms and conditions (alarms.c): the same source as build.sh, with the whole namespace of the
# standard, which conditions need and Debian's archive leaves out; it is taken from the nodesets that node-opcua brings.
# Two minutes on two cores. Prints the program's path on success; a second run does nothing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
cache=$root/node_modules/.cache/waybill/open62541
program=$cache/alarms
nodesets=$root/node_modules/node-opcua-nodesets/nodesets

if [[ -x $program && $program -nt $here/alarms.c ]]; then
  echo "$program"
  exit 0
fi
bash "$here/build.sh" >/dev/null
cd "$cache"
source=$(echo "$cache"/open62541-*/)
source=${source%/}
build=$cache/alarms-build
library=$build/bin/libopen62541.a
if [[ ! -f $library ]]; then
  rm -rf "$build" nodeset
  mkdir -p nodeset/Schema
  # numbers, statuses and structures as the source knows them; the nodes of a later version of the standard
  cp "$source"/tools/schema/{NodeIds.csv,StatusCode.csv,Opc.Ua.Types.bsd,Custom.Opc.Ua.Transport.bsd} nodeset/Schema/
  cp "$nodesets/Opc.Ua.NodeSet2.xml" nodeset/Schema/
  cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DUA_NAMESPACE_ZERO=FULL -DUA_NODESET_DIR="$cache/nodeset" \
    -DUA_ENABLE_SUBSCRIPTIONS_ALARMS_CONDITIONS=ON -DUA_ENABLE_PUBSUB=OFF -DUA_ENABLE_PUBSUB_INFORMATIONMODEL=OFF -DUA_ENABLE_JSON_ENCODING=OFF >alarms-cmake.log 2>&1 || { tail -20 alarms-cmake.log >&2; exit 1; }
  make -C "$build" -j2 open62541 >alarms-make.log 2>&1 || { tail -20 alarms-make.log >&2; exit 1; }
fi
gcc -O2 -o "$program.new" "$here/alarms.c" -I"$source/include" -I"$build/src_generated" -I"$source/plugins/include" -I"$source/deps" -I"$source/arch" \
  "$library" -lm -lpthread >alarms-gcc.log 2>&1 || { tail -20 alarms-gcc.log >&2; exit 1; }
mv "$program.new" "$program"
echo "$program"
