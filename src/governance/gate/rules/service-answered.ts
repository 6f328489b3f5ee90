import type { FlowNode, Flows } from './flows.ts';
import { isCloser, isOpener } from './governed.ts';
import type { Rule } from './rule.ts';
import { idOfSubflow } from './subflows.ts';
import { called, Called } from './words.ts';

/** An answer, or a block with one in it. */
function answers(flows: Flows, { type }: FlowNode): boolean {
  if (type === 'waybill-service-out') return true;
  const block = idOfSubflow(type);
  return block !== undefined && flows.ofType('waybill-service-out').some(({ z }) => z === block);
}

/** Where cases of a request end that met no answer. */
function endsWithout(flows: Flows, from: FlowNode): { readonly ends: readonly FlowNode[]; readonly answered: boolean } {
  const seen = new Set([from.id]);
  const queue = [from];
  const ends: FlowNode[] = [];
  let answered = false;
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    for (const next of flows.outOf(node.id)) {
      if (seen.has(next.id)) continue;
      seen.add(next.id);
      if (answers(flows, next)) answered = true;
      else if (isCloser(next)) ends.push(next);
      else queue.push(next);
    }
  }
  return { ends, answered };
}

export const serviceAnswered: Rule = {
  code: 'service-answered',
  title: 'Every request of another system is answered',
  level: 'error',
  *check(flows) {
    // A request that is told to a case that waits, or brings documents, is answered by the node that takes it.
    const opening = flows.ofType('waybill-service-in').filter((node) => isOpener(node) && node['does'] !== 'take');
    for (const node of opening) {
      const { ends, answered } = endsWithout(flows, node);
      for (const end of ends) {
        yield {
          node: end, about: `request of ${node.id}`,
          message: `A request that ${called(node)} took can come to ${called(end)} without an answer; its caller gets 500 then.`,
          mend: 'Put a "service out" on this way: an answer, or a refusal that says why.',
        };
      }
      if (!answered && ends.length === 0) {
        yield { node, about: 'no answer', message: `From ${called(node)} no way leads to a "service out", so nobody who calls it is ever answered.`, mend: 'Lead every way of the case to a "service out", and from there to a "case close".' };
      }
    }
    for (const node of opening.length > 0 ? [] : flows.ofType('waybill-service-out').filter(({ z }) => z !== undefined && flows.byId.get(z)?.type !== 'subflow')) {
      yield { node, about: 'nobody asks', level: 'warn', message: `${Called(node)} answers nobody: no "service in" of these flows opens a case.`, mend: 'Begin with a "service in", or take the node out.' };
    }
  },
};
