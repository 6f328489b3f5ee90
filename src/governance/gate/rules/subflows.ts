/** Id of the subflow that a node type is an instance of; undefined when it is another type. */
export const idOfSubflow = (type: string): string | undefined => (type.startsWith('subflow:') ? type.slice('subflow:'.length) : undefined);
