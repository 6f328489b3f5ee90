/** A code editor for JSON inside a dialog. Close it when the dialog closes, saved or not. */
export interface JsonEditor {
  text(): string;
  close(): void;
}

interface CodeEditor {
  getValue(): string;
  destroy(): void;
}

/** @param elementId id of the element that becomes the editor */
export function openJsonEditor(elementId: string, text: string): JsonEditor {
  const editor = RED.editor.createEditor({ id: elementId, mode: 'ace/mode/json', value: text }) as unknown as CodeEditor;
  return {
    text: () => editor.getValue(),
    close: () => {
      editor.destroy();
    },
  };
}
