import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { documentIntakeForm } from '../document-intake-form.ts';
import { migrateFileIn } from './migrations.ts';
import type { FileInConfig } from './migrations.ts';

const valid = validatorsOf('file-in');
const form = documentIntakeForm('file-in', migrateFileIn);

RED.nodes.registerType<FileInConfig>('waybill-file-in', {
  icon: 'waybill-file-in.svg',
  ...form,
  defaults: { ...form.defaults, everySeconds: { value: 10, validate: valid.decimal('everySeconds', { min: 1, max: 86_400 }) } },
});
