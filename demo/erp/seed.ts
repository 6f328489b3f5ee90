/**
 * What the demo ERP is filled with. The generator belongs to the simulator (src/cli/simulate/demo-data), which is
 * published with the package, while the demo is not; so both agree without talking to each other.
 */
export * from '../../src/cli/simulate/demo-data/index.ts';
