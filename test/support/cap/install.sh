#!/usr/bin/env bash
# Installs SAP CAP, with its adapter for OData V2, as the peer of the OData tests: into the cache, never into the package.
# @sap/cds is under the SAP Developer License (packages/package.json names exact versions): it allows what is done here, an
# application for tests and without productive use, and who runs this script accepts it. Nothing of the product needs it;
# without it the tests of OData against CAP are skipped. A second run does nothing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../../.." && pwd)/node_modules/.cache/waybill/cap

if [[ -f $cache/installed && $cache/installed -nt $here/packages/package-lock.json ]]; then
  echo "$cache"
  exit 0
fi
mkdir -p "$cache"
cp "$here/packages/package.json" "$here/packages/package-lock.json" "$cache/"
(cd "$cache" && npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1) || { tail -20 "$cache/npm.log" >&2; exit 1; }
touch "$cache/installed"
echo "$cache"
