export { compareVersions } from '../gate/rules/versions.ts';
