/** Thrown when a test asks a member to do what Discord's own client would not let them do. */
export class MemberError extends Error {
  constructor(member: string, why: string) {
    super(`${member} ${why}`);
    this.name = 'MemberError';
  }
}
