import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import type { Finding } from '../../../src/cli/doctor/finding.ts';

const root = join(import.meta.dirname, '../../..');

export interface DoctorRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Of `--json`. */
  readonly findings: readonly Finding[];
}

/** Runs the doctor as its own process. Only the environment that is given, so that nobody's settings reach it. */
export async function runDoctor(args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd: string = root): Promise<DoctorRun> {
  return await new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'src/cli/waybill.ts'), 'doctor', ...args], { cwd, env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], HOME: '/nonexistent', ...env }, encoding: 'utf8' }, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      const findings = args.includes('--json') && out !== '' ? (JSON.parse(out) as { findings: Finding[] }).findings : [];
      resolve({ code, out, err, findings });
    });
  });
}

/** What a check found at one level, joined. */
export function of(run: DoctorRun, check: string, level: Finding['level']): string {
  return run.findings.filter((each) => each.check === check && each.level === level).map(({ found, todo }) => `${found} → ${todo ?? ''}`).join('\n');
}

/** A TCP server on a free loopback port; closed by the caller. */
export async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A loopback port that nobody listens on. */
export async function nobodysPort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** Writes a self-signed certificate and its key; answers their paths. `from` and `to` in days from now. */
export async function writeCertificate(folder: string, name: string, options: { readonly from: number; readonly to: number; readonly host: string }): Promise<{ readonly cert: string; readonly key: string }> {
  const at = (days: number): Date => new Date(Date.now() + days * 86_400_000);
  const made = await generate([{ name: 'commonName', value: options.host }], {
    keyType: 'ec', notBeforeDate: at(options.from), notAfterDate: at(options.to), algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: options.host }] }],
  });
  const files = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  writeFileSync(files.cert, made.cert);
  writeFileSync(files.key, made.private, { mode: 0o600 });
  return files;
}
