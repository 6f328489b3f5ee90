import type { PersonIdentity } from '../../../src/engine/api.ts';

/** A supervisor of every site, signed in over the API. */
export const supervisor: PersonIdentity = { userId: 'u-supervisor', name: 'Susan', roles: ['supervisor', 'engineer', 'clerk'], sites: ['*'], authMethod: 'password', channel: 'api' };
