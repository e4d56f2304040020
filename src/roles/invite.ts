/** The address at which a server's owner lets the bot in, with exactly the permissions that it uses. */
import { OAuth2Scopes } from 'discord.js';

import { invitePermissions } from '../discord/permissions.ts';

export function inviteAddress(applicationId: string): string {
  const query = new URLSearchParams({
    client_id: applicationId,
    scope: [OAuth2Scopes.Bot, OAuth2Scopes.ApplicationsCommands].join(' '),
    permissions: invitePermissions.toString(),
  });
  return `https://discord.com/oauth2/authorize?${query.toString()}`;
}
