/** Ports of this machine. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** A port on which nobody listens, and which is given to nobody who asks for any port: those are higher. */
export const closedPort = 1;

/** A port on which nobody listens, most likely; its successor is a port as well. Another process may be given it before it is used. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port < 65_535 ? port : freePort();
}
