// Plain JavaScript on purpose: it has to run on the old Node.js that it complains about.
// The repository's scripts are TypeScript that Node.js runs directly, which needs 22.18 or later.
// npm puts node_modules/.bin first on the PATH, where the pinned `node` dev dependency lies.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Waybill: this is Node.js ${process.versions.node}, its scripts need 22.18 or later: run "npm ci" without --ignore-scripts and without --omit=dev (it installs Node.js 24 into node_modules), or put Node.js 24 first on the PATH.`,
  );
  process.exit(1);
}
