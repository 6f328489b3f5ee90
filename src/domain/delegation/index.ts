export type { Delegation, DelegationParty, EndDelegation, GrantDelegation } from './delegation.ts';
export { endDelegation, evolveDelegation, grantDelegation, isActive } from './delegation.ts';
