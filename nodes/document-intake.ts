/** Configuration that *file in* and *queue in* have in common, version 1. */
export interface DocumentIntakeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  /** Ids of config nodes. */
  readonly site: string;
  readonly systemNode: string;
  /** `family/name@1.2.3`, and one of its operations that read. */
  readonly service: string;
  readonly operation: string;
  readonly process: string;
  readonly template: string;
  /** JSON pointer (RFC 6901) into the document. */
  readonly key: string;
  readonly keyName: string;
  readonly uniqueScope: string;
  readonly configVersion: number;
}

export const DOCUMENT_INTAKE_DEFAULTS: DocumentIntakeConfig = {
  name: '',
  stepId: '',
  requires: '',
  site: '',
  systemNode: '',
  service: '',
  operation: '',
  process: 'procure-to-pay',
  template: 'receiving@1.0.0',
  key: '/number',
  keyName: 'document',
  uniqueScope: '',
  configVersion: 1,
};
