import type { ServicesResult } from '../services/index.ts';
import type { Machine } from './machine.ts';
import { count, met, ms, table, times } from './page.ts';

const RATE = 500;
const OVERHEAD_MS = 2;

export function servicesTargets(figures: ServicesResult | undefined): string[][] {
  if (figures === undefined) return [];
  const { governedPerSecond, barePerSecond, ownWork, pacedPerSecond, step, bare } = figures;
  return [
    ['governed calls of a service: open, call, close', `≥ ${RATE}/s`, `${count(governedPerSecond)}/s`, met(governedPerSecond >= RATE), `the call alone, bare undici: ${count(barePerSecond)}/s`, times(barePerSecond, governedPerSecond)],
    [`— own work of a governed call at ${count(pacedPerSecond)}/s (contract, limits, sign-in, driver, answer), p50`, `< ${OVERHEAD_MS} ms`, ms(ownWork.p50), met(ownWork.p50 < OVERHEAD_MS), `bare undici call: ${ms(bare.p50)}`, ''],
    ['— with the two commits that make it durable, over the bare call, p50', '', ms(step.p50 - bare.p50), '', `bare undici call: ${ms(bare.p50)}`, times(step.p50, bare.p50)],
  ];
}

/** @param load average of the minute before, on `cores` */
export function servicesSection({ calls, governedPerSecond, barePerSecond, pacedPerSecond, step, exchange, bare, ownWork, commit, booked }: ServicesResult, { loadBefore: load, cores }: Pick<Machine, 'loadBefore' | 'cores'>): string {
  const row = (name: string, { p50, p95, p99 }: { readonly p50: number; readonly p95: number; readonly p99: number }): string[] => [name, ms(p50), ms(p95), ms(p99)];
  return `## Governed calls

An Express server in a process of its own books receipts by idempotency key; Waybill's engine with its ledger is another, on the same cores. Each case is opened, calls an operation of a service (contract of request and answer, pace, quota, circuit, sign-in, key) and is closed. *Bare* is the same request by undici alone, from the same process in the same run.${load > cores ? ` Beside other work (load ${load} on ${cores} cores): the figures say as much about that as about Waybill; the yardstick had the same.` : ''}

${count(calls)} calls at full speed, 32 at once: ${count(governedPerSecond)} governed cases a second, ${count(barePerSecond)} bare calls. The server booked ${count(booked)} receipts, one for each key. At ${count(pacedPerSecond)} a second:

${table(['', 'p50', 'p95', 'p99'], [row('bare call', bare), row('the same exchange within a governed call', exchange), row('own work of the governed call', ownWork), row('whole step, with intention and result durable', step)])}

A commit of the ledger took ${ms(commit.p50)} (p50) and ${ms(commit.p99)} (p99); a step waits for two.
`;
}
