/** What stands before the family in the role of those who own a process family. */
export const OWNER_PREFIX = 'owner:';

/** Name of a role or a queue: of the site, or `owner:<family>`. */
export const ROLE = /^(?:owner:)?[a-z0-9][a-z0-9-]{0,63}$/;
