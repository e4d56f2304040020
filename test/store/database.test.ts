/** Opening a database that is not there. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, it } from 'vitest';

import { openDatabase } from '../../src/store/database.ts';

it('does not wait for a PostgreSQL that never answers', async () => {
  const open = new Set<Socket>();
  const server = createServer((socket) => open.add(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const opening = openDatabase({ url: `postgresql://lumiere:secret@127.0.0.1:${port}/lumiere` });
  await expect(opening).rejects.toMatchObject({
    name: 'DatabaseProblem',
    message: expect.stringMatching(/cannot be opened: .*timeout/) as string,
  });
  for (const socket of open) socket.destroy();
  server.close();
});
