import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../../../scripts/lib/free-port.ts';

/** A Mosquitto of its own on loopback, with persistence, that can be stopped (it saves then) and started again on the same data. */
export class Mosquitto {
  readonly port: number;
  readonly #program: string;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(program: string, port: number, folder: string) {
    this.#program = program;
    this.port = port;
    this.#folder = folder;
  }

  static async start(program: string, extra: readonly string[] = []): Promise<Mosquitto> {
    const folder = mkdtempSync(path.join(tmpdir(), 'waybill-mosquitto-'));
    const broker = new Mosquitto(program, await freePort(), folder);
    const lines = [
      `listener ${broker.port} 127.0.0.1`,
      ...(extra.some((line) => line.startsWith('allow_anonymous')) ? [] : ['allow_anonymous true']),
      'persistence true',
      `persistence_location ${folder}/`,
      'max_queued_messages 0',
      'log_type none',
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      ...extra,
    ];
    writeFileSync(path.join(folder, 'mosquitto.conf'), `${lines.join('\n')}\n`);
    await broker.run();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  get folder(): string {
    return this.#folder;
  }

  async run(): Promise<void> {
    this.#process = spawn(this.#program, ['-c', path.join(this.#folder, 'mosquitto.conf')], { stdio: 'ignore' });
    for (let i = 0; i < 200; i += 1) {
      if (await canConnect(this.port)) return;
      await delay(25);
    }
    throw new Error('mosquitto did not start');
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const running = this.#process;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, 'exit');
    running.kill(signal);
    await exited;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
