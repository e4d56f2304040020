/**
 * Makes `description.json`: the part of Discord's API description (discord/discord-api-spec, MIT) that the operations
 * served here need. Prose is dropped and nothing is changed; where the description is wrong, `amendments.ts` says so.
 * Run with `npx tsx test/fakes/discord/api/derive.ts path/to/openapi.json` after adding an operation below.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { descriptionPath } from './description.ts';

/** Every operation that the test server answers, by path of the description. */
export const servedOperations: Readonly<Record<string, readonly string[]>> = {
  '/applications/@me': ['get'],
  '/applications/{application_id}/commands': ['get', 'post', 'put'],
  '/applications/{application_id}/commands/{command_id}': ['get', 'patch', 'delete'],
  '/applications/{application_id}/guilds/{guild_id}/commands': ['get', 'put'],
  '/channels/{channel_id}': ['get'],
  '/channels/{channel_id}/messages': ['get', 'post'],
  '/channels/{channel_id}/messages/{message_id}': ['get', 'patch', 'delete'],
  '/channels/{channel_id}/typing': ['post'],
  '/gateway': ['get'],
  '/gateway/bot': ['get'],
  '/guilds/{guild_id}': ['get'],
  '/guilds/{guild_id}/channels': ['get'],
  '/guilds/{guild_id}/members/{user_id}': ['get'],
  '/guilds/{guild_id}/roles': ['get'],
  '/interactions/{interaction_id}/{interaction_token}/callback': ['post'],
  '/users/@me': ['get'],
  '/users/@me/channels': ['post'],
  '/users/@me/guilds': ['get'],
  '/users/{user_id}': ['get'],
  '/webhooks/{webhook_id}/{webhook_token}': ['post'],
  '/webhooks/{webhook_id}/{webhook_token}/messages/@original': ['get', 'patch', 'delete'],
  '/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}': ['get', 'patch', 'delete'],
};

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = Record<string, Json>;

const asObject = (value: Json | undefined): JsonObject => {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Error('expected a JSON object');
  return value;
};

/** Drops what no validator reads. A property that happens to be named `description` or `title` holds an object and stays. */
function withoutProse(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutProse);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([key, inner]) => !key.startsWith('x-') && !(/^(description|title)$/.test(key) && typeof inner === 'string'),
      )
      .map(([key, inner]) => [key, withoutProse(inner)]),
  );
}

function schemaNames(value: Json, found: Set<string>): void {
  if (Array.isArray(value)) for (const inner of value) schemaNames(inner, found);
  else if (value !== null && typeof value === 'object') {
    const { $ref } = value;
    if (typeof $ref === 'string') found.add($ref.replace('#/components/schemas/', ''));
    for (const inner of Object.values(value)) schemaNames(inner, found);
  }
}

const jsonBody = (holder: Json | undefined): Json | undefined => {
  if (holder === undefined) return undefined;
  const content = asObject(holder)['content'];
  return content === undefined ? undefined : asObject(asObject(content)['application/json'])['schema'];
};

function operation(described: JsonObject): JsonObject {
  const request = jsonBody(described['requestBody']);
  const responses = Object.entries(asObject(described['responses']))
    .filter(([status]) => status.startsWith('2'))
    .map(([status, response]): [string, Json] => [status, jsonBody(response) ?? null]);
  return {
    operationId: described['operationId'] ?? null,
    ...(request === undefined ? {} : { request }),
    responses: Object.fromEntries(responses),
  };
}

/** The committed subset of a whole description: `operations` by path and method, and every schema they reach. */
export function derive(whole: Json): Json {
  const { info, paths, components } = asObject(whole);
  const schemas = asObject(asObject(components)['schemas']);
  const operations: JsonObject = {};
  for (const [path, methods] of Object.entries(servedOperations)) {
    const described = asObject(asObject(paths)[path]);
    operations[path] = Object.fromEntries(methods.map((method) => [method, operation(asObject(described[method]))]));
  }
  const reached = new Set<string>();
  schemaNames(operations, reached);
  for (const name of reached) schemaNames(schemas[name] ?? null, reached);
  const kept = Object.fromEntries([...reached].sort().map((name) => [name, schemas[name] ?? null]));
  const { title, version, license } = asObject(info);
  return withoutProse({
    info: {
      source: 'discord/discord-api-spec',
      name: title ?? null,
      version: version ?? null,
      license: license ?? null,
    },
    operations,
    components: { schemas: kept },
  });
}

const [, script, source] = process.argv;
if (script !== undefined && source !== undefined && import.meta.url === pathToFileURL(script).href) {
  const derived = JSON.stringify(derive(JSON.parse(readFileSync(source, 'utf8')) as Json));
  const options = await resolveConfig(descriptionPath);
  writeFileSync(descriptionPath, await format(derived, { ...options, filepath: descriptionPath }));
}
