/** Parts of a request that members give files for, in the order in which they are fetched. */
export const givenRoles = ['input', 'driver', 'speech'] as const;
export type GivenRole = (typeof givenRoles)[number];
