'use strict';
/**
 * Loaded before node-red-dev. The checker asks the web for two things itself: the catalogue of the flow library, a list of
 * every package there is, which a test has no business downloading (docs/decisions/0023-flow-library-checker.md), and
 * Node-RED's entry in the registry, which npm, the ordinary client, is asked for instead.
 */
const { execFileSync } = require('node:child_process');
// The program that runs is the checker's bin/run.
const axios = require(require.resolve('axios', { paths: [process.argv[1]] }));

const npmView = (...what) => JSON.parse(execFileSync('npm', ['view', ...what, '--json'], { encoding: 'utf8' }));

axios.get = async (url) => {
  if (url === 'https://catalogue.nodered.org/catalogue.json') return { data: { modules: [] } };
  if (url === 'https://registry.npmjs.org/node-red') {
    const tags = npmView('node-red', 'dist-tags');
    return { data: { 'dist-tags': tags, versions: { [tags.latest]: { engines: npmView(`node-red@${tags.latest}`, 'engines') } } } };
  }
  throw new Error(`the checker asks for ${url}, which this test does not know`);
};
