import { hash } from 'node:crypto';
import stringify from 'safe-stable-stringify';
import type { WaiverScope } from '../../domain/change/index.ts';

const canonical = stringify.configure({ deterministic: true, strict: true });

/** What a request asks for: all that an owner decides on. */
export interface Asked {
  readonly kind: 'change' | 'waiver';
  readonly site: string;
  readonly family: string;
  readonly title: string;
  readonly reason: string;
  readonly template?: string;
  readonly baseHash?: string;
  readonly proposedHash?: string;
  readonly rule?: string;
  readonly scope?: WaiverScope;
  readonly until?: string;
}

/** `sha256:<hex>` over the canonical JSON of what is asked for. It stands in the ledger, so a file can be held against it. */
export function requestHashOf({ kind, site, family, title, reason, template, baseHash, proposedHash, rule, scope, until }: Asked): string {
  return `sha256:${hash('sha256', canonical({ kind, site, family, title, reason, template, baseHash, proposedHash, rule, scope, until }) ?? '')}`;
}
