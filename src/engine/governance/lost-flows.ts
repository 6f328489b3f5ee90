import type { JudgedFinding, Judgement } from '../../governance/gate/judge.ts';

/** Node-RED reads a file that is damaged or gone as no flows at all, and would go on with nothing. Nobody has deployed that where something was admitted. */
export function withLoss(judgement: Judgement, nodesBefore: number | undefined, hasCopy: boolean): Judgement {
  if (nodesBefore === undefined || nodesBefore === 0 || judgement.flows?.nodes.length !== 0) return judgement;
  const lost: JudgedFinding = {
    rule: 'flows-readable', level: 'error', message: 'No flows were read: the file is empty, damaged or gone.', fingerprint: 'flows-lost', place: 'flows-lost', yours: true,
    mend: hasCopy
      ? 'Deploy what runs, which writes the file anew; who wants no flows deletes them in the editor.'
      : `The gate's copy of the ${nodesBefore} nodes that were admitted last is gone as well. Put the file back from a backup (Node-RED keeps one beside it, ".backup" at its end) and restart, or deploy flows.`,
  };
  return { ...judgement, refused: true, findings: [lost, ...judgement.findings] };
}
