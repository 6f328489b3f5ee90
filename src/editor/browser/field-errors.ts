import { commonText } from './texts.ts';
import type { PlacedNode, PropertyDefinition } from './node-definition.ts';

const INPUT_ID = /^node-(?:config-)?input-(\w+)$/;

/**
 * Writes what is wrong below the field that is wrong. The editor marks a field red and keeps the sentence for whoever
 * points at it with a mouse; this is for everybody else. It follows the editor's own mark, so it never judges by itself.
 */
export function watchFieldErrors(form: HTMLElement): void {
  const node = RED.editor.getEditStack?.().at(-1) as PlacedNode | undefined;
  if (node === undefined || form.dataset['watched'] !== undefined) {
    return;
  }
  form.dataset['watched'] = 'yes';
  const look = (): void => {
    form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input[id], select[id]').forEach((input) => {
      const [, property] = INPUT_ID.exec(input.id) ?? [];
      if (property !== undefined) {
        write(input, input.classList.contains('input-error') ? sentence(node, property, input) : '');
      }
    });
  };
  // Marks come and go with every key; the form goes away with its dialog, and the observer with it.
  new MutationObserver(look).observe(form, { subtree: true, attributes: true, attributeFilter: ['class'] });
  form.addEventListener('input', () => setTimeout(look, 0));
  look();
}

function sentence(node: PlacedNode, property: string, input: HTMLInputElement | HTMLSelectElement): string {
  const definition = (RED.nodes.getType(node.type) as unknown as { readonly defaults?: Readonly<Record<string, PropertyDefinition<unknown>>> } | null)?.defaults?.[property];
  if (definition?.validate === undefined) {
    return commonText('error.missing');
  }
  const verdict = definition.validate.call(node, input.value, undefined);
  // Already mended; the editor takes its mark away in a moment.
  return typeof verdict === 'string' ? verdict : '';
}

function write(input: HTMLElement, said: string): void {
  const id = `${input.id}-wrong`;
  const shown = document.getElementById(id);
  if (said === (shown?.textContent ?? '')) {
    return;
  }
  shown?.remove();
  input.toggleAttribute('aria-invalid', false);
  input.removeAttribute('aria-describedby');
  const field = input.closest('.waybill-field');
  if (said === '' || field === null) {
    return;
  }
  input.setAttribute('aria-invalid', 'true');
  input.setAttribute('aria-describedby', id);
  const note = $('<div class="waybill-wrong" role="status">').attr('id', id).text(said);
  const hint = field.querySelector(':scope > .waybill-hint');
  if (hint === null) {
    note.appendTo(field);
  } else {
    note.insertBefore(hint);
  }
}
