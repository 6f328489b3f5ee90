import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes `<name>.crt` and `<name>.key` (PEM) in a folder, for loopback and a day. */
export class Certificates {
  readonly #openssl: string;
  readonly #folder: string;

  constructor(openssl: string, folder: string) {
    this.#openssl = openssl;
    this.#folder = folder;
  }

  authority(name: string): void {
    this.#run('req', '-x509', ...KEY, '-keyout', `${name}.key`, '-out', `${name}.crt`, '-days', '1', '-subj', `/CN=${name}`, '-addext', 'basicConstraints=critical,CA:TRUE');
  }

  /** Signed by the authority of that name. */
  certificate(name: string, by: string): void {
    this.#run('req', ...KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    writeFileSync(path.join(this.#folder, `${name}.ext`), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
    this.#run('x509', '-req', '-in', `${name}.csr`, '-CA', `${by}.crt`, '-CAkey', `${by}.key`, '-CAcreateserial', '-out', `${name}.crt`, '-days', '1', '-extfile', `${name}.ext`);
  }

  #run(...args: readonly string[]): void {
    // node-opcua leaves a configuration of its own in the environment, with which nothing else works
    const { OPENSSL_CONF: _theirs, ...env } = process.env;
    execFileSync(this.#openssl, args, { cwd: this.#folder, stdio: 'ignore', env });
  }
}
