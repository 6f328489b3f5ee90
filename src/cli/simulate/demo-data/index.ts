/** The demo's data, made from a seed. Used by the simulator and by the demo ERP. Pure. */
export { fromMillionths, toMillionths } from './decimal.ts';
export { Random, seedAt } from './random.ts';
export {
  dataOf, demoData, mostWithinTolerance, scenarioAt, scenarios, SCENARIO_MIX, TOLERANCE_PERCENT,
  type AsnUnit, type DemoData, type LooseGoods, type PurchaseOrderLine, type Scenario, type ScenarioKind,
} from './scenarios.ts';
