import type { NodeAPI } from 'node-red';
import type { StepRegistration } from '../api.ts';
import { decimalFunctions } from '../../domain/index.ts';
import { dateIn, systemTimeZone } from '../sites.ts';
import { currentWaybill } from './current.ts';
import type { LiveNode } from './governed-node.ts';

interface Expression { evaluate(input: unknown, bindings: Record<string, unknown>): unknown }

/** The day at the site of the message's case, for dates that count in law. */
function siteDate(msg: Record<string, unknown>): string {
  const waybill = currentWaybill();
  const { site } = (msg['waybill'] ?? {}) as { readonly site?: string };
  return dateIn(waybill?.nodes.timeZone(site ?? waybill.settings.site) ?? systemTimeZone(), new Date(waybill?.clock.now() ?? Date.now()));
}

const maxExpressions = 100;

/** Evaluates typed inputs as Node-RED does; JSONata sees the case document as `$facts`, the day at the site, `YYYY-MM-DD`, as `$siteDate()`, `$millis()` by the engine's clock, and exact decimals as `$plus`, `$times` and so on. */
export function typedEvaluator(RED: NodeAPI, node: LiveNode): NonNullable<StepRegistration['evaluate']> {
  const expressions = new Map<string, Expression>();
  const prepare = (text: string): Expression => {
    let expression = expressions.get(text);
    if (expression === undefined) {
      expression = RED.util.prepareJSONataExpression(text, node as never) as unknown as Expression;
      if (expressions.size >= maxExpressions) expressions.clear();
      expressions.set(text, expression);
    }
    return expression;
  };
  return async (value, type, msg, document) => {
    if (type === 'jsonata') {
      try {
        return await prepare(value).evaluate(msg, { ...decimalFunctions, facts: document, siteDate: () => siteDate(msg), millis: () => currentWaybill()?.clock.now() ?? Date.now() });
      } catch (error) {
        throw new Error(`The expression "${value.slice(0, 80)}" failed: ${(error as Error).message}`, { cause: error });
      }
    }
    return new Promise((resolve, reject) => {
      RED.util.evaluateNodeProperty(value, type as never, node as never, msg as never, (error, result) => {
        if (error === null || error === undefined) resolve(result);
        else reject(error);
      });
    });
  };
}
