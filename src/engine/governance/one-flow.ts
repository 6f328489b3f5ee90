/** What flows come to by a deploy of one of them; for the editor's parts, which do not import governance. */
export { withOneFlow as flowsAfter } from '../../governance/gate/one-flow.ts';
