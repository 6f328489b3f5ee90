import type { PlacedNode } from './node-definition.ts';
import { ENVIRONMENT_VARIABLE } from './value-forms.ts';

/** Where the inputs of a form are: `node-input-…`, or `node-config-input-…` for config nodes. */
export type InputPrefix = 'node-input' | 'node-config-input';

/**
 * Puts what a migration made of an older node into the open dialog. The node itself is not touched:
 * cancel leaves it as it was, and the change that OK makes can be undone.
 */
export function showMigrated(node: PlacedNode, migrated: object, prefix: InputPrefix = 'node-input'): void {
  for (const [property, value] of Object.entries(migrated)) {
    if (ENVIRONMENT_VARIABLE.test(String(value))) {
      // A field for numbers shows nothing in the place of a parameter, and OK would store that.
      $(`#${prefix}-${property}[type=number]`).attr('type', 'text').val(String(value));
    }
    if (node[property] === value || typeof value === 'object') {
      continue;
    }
    const input = $(`#${prefix}-${property}`);
    if (input.attr('type') === 'checkbox') {
      input.prop('checked', value === true);
    } else {
      input.val(String(value));
    }
  }
}

/** Shows `target` only while the condition holds; looks again whenever one of the inputs changes. */
export function showWhen(target: string, inputs: string, condition: () => boolean): void {
  const update = (): void => {
    $(target).toggle(condition());
  };
  $(inputs).on('change', update);
  update();
}

/** Whether a checkbox of the dialog is ticked. */
export function isTicked(property: string): boolean {
  return $(`#node-input-${property}`).prop('checked') === true;
}
