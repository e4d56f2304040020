/**
 * The gateway: HELLO, IDENTIFY, heartbeats, RESUME with replay, the close codes, and the ways in which a connection goes
 * wrong when a test says so. JSON without compression, one shard.
 */
import { GatewayCloseCodes, GatewayOpcodes } from 'discord.js';
import type { Server } from 'node:http';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { MINUTE } from '../clock.ts';
import type { State } from '../state.ts';
import { heardBy } from './events.ts';
import { type Identify, reasonToRefuse, welcome } from './identify.ts';
import { dispatch, type GatewayPayload, replay, send, type Session } from './session.ts';

export interface GatewayLog {
  /** IDENTIFYs that were accepted, RESUMEs that were, and sessions that a client had to give up. */
  identified: number;
  resumed: number;
  invalidated: number;
  /** Codes with which connections ended, as the server saw them. */
  readonly closes: number[];
}

export interface Gateway {
  readonly log: GatewayLog;
  /** Sessions with somebody at the other end. */
  readonly connected: () => number;
  /** Cuts every connection without a word, as a broken cable does. */
  readonly drop: () => void;
  /** Closes every connection with a code such as 4000. */
  readonly close: (code: number) => void;
  /** Asks every client to reconnect and resume (opcode 7). */
  readonly askToReconnect: () => void;
  /** Tells every client that its session is invalid (opcode 9), and forgets it unless it can be resumed. */
  readonly invalidate: (resumable: boolean) => void;
  /** Leaves the connections there are open and says nothing more on them: heartbeats go unanswered, events are kept. */
  readonly freeze: () => void;
  /** Cuts every connection and accepts none until `up`. */
  readonly down: () => void;
  readonly up: () => void;
  readonly dispatch: State['dispatch'];
  readonly stop: () => void;
}

/** How long a session that nobody holds can be resumed. */
const RESUMABLE_FOR = 5 * MINUTE;
const LARGEST_PAYLOAD = 4096;
const PAYLOADS_A_MINUTE = 120;

interface Connection {
  readonly socket: WebSocket;
  session: Session | undefined;
  received: number[];
  isFrozen: boolean;
}

interface ClientPayload {
  readonly op?: number;
  readonly d?: unknown;
}

interface Resume {
  readonly token?: string;
  readonly session_id?: string;
  readonly seq?: number;
}

/** @param heartbeatMs what HELLO asks for; a client that is silent for half as long again is cut off. */
export function createGateway(server: Server, state: State, heartbeatMs: number): Gateway {
  const sessions = new Map<string, Session>();
  const connections = new Set<Connection>();
  const log: GatewayLog = { identified: 0, resumed: 0, invalidated: 0, closes: [] };
  let isUp = true;
  const sockets = new WebSocketServer({ noServer: true });

  server.on('upgrade', (request, socket, head) => {
    const query = new URL(request.url ?? '/', 'ws://gateway').searchParams;
    if (!isUp) socket.destroy();
    else if (query.get('v') !== '10' || query.get('encoding') !== 'json' || query.has('compress')) {
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\nthe test gateway speaks version 10, JSON, uncompressed\r\n');
    } else {
      sockets.handleUpgrade(request, socket, head, (client) => {
        greet(client);
      });
    }
  });

  function identify(connection: Connection, data: Identify): void {
    const { socket } = connection;
    const reason = connection.session ? GatewayCloseCodes.AlreadyAuthenticated : reasonToRefuse(state, data);
    if (reason !== undefined) {
      socket.close(reason);
      return;
    }
    const session: Session = {
      id: state.nextId(),
      intents: data.intents ?? 0,
      sequence: 0,
      sent: [],
      socket,
      leftAt: undefined,
    };
    sessions.set(session.id, session);
    connection.session = session;
    log.identified += 1;
    welcome(state, session, data.shard);
    state.changes.notify();
  }

  function resume(connection: Connection, data: Resume): void {
    const { socket } = connection;
    const session = sessions.get(data.session_id ?? '');
    if (data.token !== state.token) {
      socket.close(GatewayCloseCodes.AuthenticationFailed);
      return;
    }
    if (!session || (session.leftAt !== undefined && state.clock.now() - session.leftAt > RESUMABLE_FOR)) {
      log.invalidated += 1;
      send(socket, { op: GatewayOpcodes.InvalidSession, d: false });
      return;
    }
    session.socket?.terminate();
    if (!replay(session, socket, data.seq ?? 0)) {
      socket.close(GatewayCloseCodes.InvalidSeq);
      return;
    }
    session.socket = socket;
    session.leftAt = undefined;
    connection.session = session;
    dispatch(session, 'RESUMED', {});
    log.resumed += 1;
    state.changes.notify();
  }

  function read(connection: Connection, raw: RawData): void {
    const { socket } = connection;
    const text = Buffer.isBuffer(raw) ? raw.toString('utf8') : '';
    const now = Date.now();
    connection.received = [...connection.received.filter((at) => now - at < MINUTE), now];
    if (text.length > LARGEST_PAYLOAD) socket.close(GatewayCloseCodes.DecodeError);
    else if (connection.received.length > PAYLOADS_A_MINUTE) socket.close(GatewayCloseCodes.RateLimited);
    else if (!connection.isFrozen) {
      let payload: ClientPayload;
      try {
        payload = JSON.parse(text) as ClientPayload;
      } catch {
        socket.close(GatewayCloseCodes.DecodeError);
        return;
      }
      obey(connection, payload);
    }
  }

  function obey(connection: Connection, { op, d }: ClientPayload): void {
    const { socket } = connection;
    if (op === GatewayOpcodes.Heartbeat) send(socket, { op: GatewayOpcodes.HeartbeatAck, d: null });
    else if (op === GatewayOpcodes.Identify) identify(connection, d as Identify);
    else if (op === GatewayOpcodes.Resume) resume(connection, d as Resume);
    else if (!connection.session) socket.close(GatewayCloseCodes.NotAuthenticated);
    else if (op !== GatewayOpcodes.PresenceUpdate) socket.close(GatewayCloseCodes.UnknownOpcode);
  }

  function greet(socket: WebSocket): void {
    const connection: Connection = { socket, session: undefined, received: [], isFrozen: false };
    connections.add(connection);
    let silent = setTimeout(cutOff, heartbeatMs * 1.5);
    function cutOff(): void {
      if (!connection.isFrozen) socket.close(GatewayCloseCodes.SessionTimedOut);
    }
    socket.on('message', (raw) => {
      clearTimeout(silent);
      silent = setTimeout(cutOff, heartbeatMs * 1.5);
      read(connection, raw);
    });
    socket.on('close', (code) => {
      clearTimeout(silent);
      connections.delete(connection);
      log.closes.push(code);
      leave(connection, code);
      state.changes.notify();
    });
    send(socket, { op: GatewayOpcodes.Hello, d: { heartbeat_interval: heartbeatMs } });
  }

  /** A client that says goodbye with 1000 or 1001 gives its session up; any other end leaves it to be resumed. */
  function leave({ session, socket }: Connection, code: number): void {
    if (!session) return;
    if (session.socket === socket) {
      session.socket = undefined;
      session.leftAt = state.clock.now();
    }
    if (code === 1000 || code === 1001) sessions.delete(session.id);
  }

  const tellAll = (payload: GatewayPayload): void => {
    for (const { socket, session } of connections) if (session) send(socket, payload);
  };
  const drop = (): void => {
    for (const { socket } of connections) socket.terminate();
  };

  return {
    log,
    connected: () => [...sessions.values()].filter(({ socket }) => socket !== undefined).length,
    drop,
    close: (code) => {
      for (const { socket } of connections) socket.close(code);
    },
    askToReconnect: () => {
      tellAll({ op: GatewayOpcodes.Reconnect, d: null });
    },
    invalidate: (resumable) => {
      tellAll({ op: GatewayOpcodes.InvalidSession, d: resumable });
      if (resumable) return;
      log.invalidated += connections.size;
      sessions.clear();
    },
    freeze: () => {
      for (const connection of connections) {
        connection.isFrozen = true;
        if (!connection.session) continue;
        connection.session.socket = undefined;
        connection.session.leftAt = state.clock.now();
      }
    },
    down: () => {
      isUp = false;
      drop();
    },
    up: () => {
      isUp = true;
    },
    dispatch: (event, data) => {
      for (const session of sessions.values()) {
        const heard = heardBy(session.intents, event, data, state.applicationId);
        if (heard) dispatch(session, event, heard);
      }
    },
    stop: () => {
      drop();
      sockets.close();
    },
  };
}
