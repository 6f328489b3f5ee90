import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OPCUACertificateManager } from 'node-opcua';
import type { OpcUaPki } from '../../../src/intake/opcua/index.ts';

/** Certificates in a temporary folder; every server is trusted, or none. */
export function testPki(trustAll = true): OpcUaPki & { readonly folder: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-opcua-pki-'));
  const manager = new OPCUACertificateManager({ rootFolder: folder, automaticallyAcceptUnknownCertificate: trustAll, disableFileWatchers: true });
  manager.referenceCounter += 1; // it outlives its clients
  let own: Promise<void> | undefined;
  const files = { certificateFile: path.join(folder, 'own/certs/client.pem'), privateKeyFile: path.join(folder, 'own/private/private_key.pem') };
  return {
    folder,
    own: async (applicationUri) => {
      own ??= manager.initialize().then(() => manager.createSelfSignedCertificate({ applicationUri, dns: ['localhost'], outputFile: files.certificateFile, subject: '/CN=Waybill test', startDate: new Date(), validity: 2 }));
      await own;
      return files;
    },
    store: async () => {
      await manager.initialize();
      return manager;
    },
  };
}
