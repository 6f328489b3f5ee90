/** What may be the name of a role, the same in the editor's forms and in the engine. */
export { ROLE } from '../../../domain/directory/role.ts';
