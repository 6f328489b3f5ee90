import { migrationTo } from '../config-version.ts';

/** Configuration of an OPC UA endpoint, version 1. User and password are credentials. */
export interface OpcUaEndpointConfig {
  readonly name: string;
  /** `opc.tcp://host:port/path`. */
  readonly url: string;
  readonly securityMode: 'none' | 'sign' | 'signAndEncrypt';
  /** `auto` is the strongest that the server offers for the mode. */
  readonly securityPolicy: 'auto' | 'none' | 'Basic256Sha256' | 'Aes128_Sha256_RsaOaep' | 'Aes256_Sha256_RsaPss';
  readonly identity: 'anonymous' | 'user' | 'certificate';
  /** For `certificate`: name of a file with certificate and key in the home, without `.pem`. */
  readonly userCertificate: string;
  /** How long the server keeps session and values for us while we are away. */
  readonly outageSeconds: number;
  readonly configVersion: number;
}

export const OPCUA_ENDPOINT_DEFAULTS: OpcUaEndpointConfig = {
  name: '',
  url: '',
  securityMode: 'signAndEncrypt',
  securityPolicy: 'auto',
  identity: 'anonymous',
  userCertificate: '',
  outageSeconds: 300,
  configVersion: 1,
};

export const migrateOpcUaEndpoint = migrationTo(OPCUA_ENDPOINT_DEFAULTS);
