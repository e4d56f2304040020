/** The operations of Discord's API that are served, found by method and path, with who may call each. */
import { readDescription } from './description.ts';

/** An operation of the API and the values that a request's path gave for its parameters. */
export interface Route {
  readonly operation: string;
  readonly method: string;
  /** As the description writes it, such as `/channels/{channel_id}/messages`. */
  readonly template: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** `bot`: a bot token is asked for. `token`: the token in the path is the authorisation. */
  readonly authorisation: 'bot' | 'token';
}

interface Pattern {
  readonly operation: string;
  readonly method: string;
  readonly template: string;
  readonly names: readonly string[];
  readonly expression: RegExp;
}

const patterns: readonly Pattern[] = Object.entries(readDescription().operations)
  .flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, { operationId }]): Pattern => {
      const names = [...template.matchAll(/\{([a-z_]+)\}/g)].map(([, name]) => name!);
      const expression = new RegExp(`^${template.replaceAll(/\{[a-z_]+\}/g, '([^/]+)')}$`);
      return { operation: operationId, method: method.toUpperCase(), template, names, expression };
    }),
  )
  // `/users/@me` before `/users/{user_id}`: a literal segment wins over a parameter.
  .sort((a, b) => a.names.length - b.names.length);

/** Ids of every served operation. */
export const operationIds: readonly string[] = patterns.map(({ operation }) => operation);

/** @returns the route, or why there is none: no such path, or none with this method. */
export function findRoute(method: string, path: string): Route | 'no such path' | 'no such method' {
  const onPath = patterns.filter(({ expression }) => expression.test(path));
  const pattern = onPath.find((candidate) => candidate.method === method);
  if (!pattern) return onPath.length === 0 ? 'no such path' : 'no such method';
  const [, ...values] = pattern.expression.exec(path) ?? [];
  const { operation, template } = pattern;
  return {
    operation,
    method,
    template,
    parameters: Object.fromEntries(pattern.names.map((name, at) => [name, values[at]!])),
    authorisation: /^\/(interactions|webhooks)\//.test(template) ? 'token' : 'bot',
  };
}
