/** One client's session with the gateway: the events it was sent, to be sent again when it resumes. */
import type { WebSocket } from 'ws';

export interface GatewayPayload {
  readonly op: number;
  readonly t?: string;
  readonly s?: number;
  readonly d: unknown;
}

export interface Session {
  readonly id: string;
  readonly intents: number;
  sequence: number;
  readonly sent: GatewayPayload[];
  /** Undefined while the client is away. */
  socket: WebSocket | undefined;
  /** The server's time when the client went away. */
  leftAt: number | undefined;
}

export const send = (socket: WebSocket, payload: GatewayPayload): void => {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(payload));
};

/** Numbers an event, keeps it, and sends it if somebody is there. */
export function dispatch(session: Session, event: string, data: unknown): void {
  session.sequence += 1;
  const payload: GatewayPayload = { op: 0, t: event, s: session.sequence, d: data };
  session.sent.push(payload);
  if (session.socket) send(session.socket, payload);
}

/** Sends again what came after `sequence`. @returns false when the client claims to have seen what was never sent. */
export function replay(session: Session, socket: WebSocket, sequence: number): boolean {
  if (sequence > session.sequence) return false;
  for (const payload of session.sent) if ((payload.s ?? 0) > sequence) send(socket, payload);
  return true;
}
