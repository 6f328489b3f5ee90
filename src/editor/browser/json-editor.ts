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
  // The tray is narrow: no room for a map of the text.
  const options = { id: elementId, mode: 'ace/mode/json', value: text, minimap: { enabled: false } };
  const editor = RED.editor.createEditor(options) as unknown as CodeEditor;
  return {
    text: () => editor.getValue(),
    close: () => {
      editor.destroy();
    },
  };
}
