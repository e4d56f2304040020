/**
 * Where Discord's documentation and the real client differ from its API description, the documentation is right. Each
 * amendment names what differs; together they turn the description as published into the one that requests are held to.
 */

import type { Description, Schema, Schemas } from './description.ts';

const asSchema = (value: unknown): Schema | undefined =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Schema) : undefined;

function everySchema(value: unknown, visit: (schema: Schema) => void): void {
  if (Array.isArray(value)) for (const inner of value) everySchema(inner, visit);
  const schema = asSchema(value);
  if (schema === undefined) return;
  visit(schema);
  for (const inner of Object.values(schema)) everySchema(inner, visit);
}

const nullable = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });

const PERMISSION_FIELDS = ['default_member_permissions', 'allow', 'deny', 'permissions'];

/** Permission sets travel as strings of digits: they are wider than a JSON number. */
function permissionsAreDigits(schema: Schema): void {
  const properties = asSchema(schema['properties']);
  for (const field of PERMISSION_FIELDS) {
    const described = asSchema(properties?.[field]);
    if (properties && described && JSON.stringify(described['type'] ?? '').includes('integer')) {
      properties[field] = nullable({ type: 'string', pattern: '^(0|[1-9][0-9]*)$' });
    }
  }
}

/** discord.js writes these into every message body, whichever route it goes to; Discord takes them. */
const MESSAGE_BODIES = [
  'IncomingWebhookInteractionRequest',
  'IncomingWebhookRequestPartial',
  'IncomingWebhookUpdateForInteractionCallbackRequestPartial',
  'IncomingWebhookUpdateRequestPartial',
  'MessageCreateRequest',
  'MessageEditRequestPartial',
];

function messageBodiesTakeClientFields(schemas: Schemas): void {
  for (const name of MESSAGE_BODIES) {
    const properties = asSchema(schemas[name]?.['properties']);
    if (!properties) throw new Error(`the API description has no properties for ${name}`);
    properties['tts'] ??= { type: ['boolean', 'null'] };
    properties['enforce_nonce'] ??= { type: ['boolean', 'null'] };
  }
}

const TAKE_FILE_TYPES = [
  'ApplicationCommandAttachmentOption',
  'ApplicationCommandAttachmentOptionResponse',
  'FileUploadComponentForModalRequest',
];

/** Attachment options and file uploads may say which kinds of file they take (documented after the description). */
function attachmentsMayNameFileTypes(schemas: Schemas): void {
  for (const name of TAKE_FILE_TYPES) {
    const properties = asSchema(schemas[name]?.['properties']);
    if (!properties) throw new Error(`the API description has no properties for ${name}`);
    properties['file_types'] ??= {
      type: ['array', 'null'],
      items: { type: 'string', pattern: '^(image|video|audio|\\.[a-z0-9]+)$' },
      maxItems: 10,
    };
  }
}

/** The values of `type` that a union's member stands for; undefined where it has none of its own. */
function tagsOf(schemas: Schemas, member: unknown): unknown[] | undefined {
  const reference = asSchema(member)?.['$ref'];
  if (typeof reference !== 'string') return undefined;
  const target = schemas[reference.replace('#/components/schemas/', '')];
  const tags = asSchema(asSchema(target?.['properties'])?.['type'])?.['enum'];
  const required = target?.['required'];
  return Array.isArray(tags) && Array.isArray(required) && required.includes('type') ? tags : undefined;
}

/** A union whose members differ by their `type` is read by it, so that a fault is told once and not once a member. */
function unionsAreReadByType(schemas: Schemas, schema: Schema): void {
  for (const keyword of ['oneOf', 'anyOf']) {
    const members: unknown = schema[keyword];
    if (!Array.isArray(members) || members.length < 2) continue;
    const tags = members.map((member) => tagsOf(schemas, member));
    const all = tags.flat();
    if (tags.includes(undefined) || new Set(all).size < all.length) continue;
    Reflect.deleteProperty(schema, keyword);
    schema['type'] = 'object';
    schema['required'] = ['type'];
    schema['properties'] = { type: { enum: all } };
    schema['allOf'] = members.map((member: unknown, at) => ({
      if: { properties: { type: { enum: tags[at] } } },
      then: member,
    }));
  }
}

/** An object takes the properties that are described and no others; where `allOf` composes objects, their union. */
function closeObjects(schemas: Schemas): void {
  const composed = new Set<unknown>();
  everySchema(schemas, (schema) => {
    for (const part of Array.isArray(schema['allOf']) ? (schema['allOf'] as unknown[]) : []) {
      const reference = asSchema(part)?.['$ref'];
      composed.add(typeof reference === 'string' ? schemas[reference.replace('#/components/schemas/', '')] : part);
    }
  });
  everySchema(schemas, (schema) => {
    const type = schema['type'];
    const isObject = type === 'object' || (Array.isArray(type) && type.includes('object'));
    if (isObject && asSchema(schema['properties']) && !('additionalProperties' in schema) && !composed.has(schema)) {
      schema['additionalProperties'] = false;
    }
  });
}

/** A copy of the description with every amendment made. */
export function amend(published: Description): Description {
  const description = structuredClone(published);
  const { schemas } = description.components;
  everySchema(description, permissionsAreDigits);
  messageBodiesTakeClientFields(schemas);
  attachmentsMayNameFileTypes(schemas);
  closeObjects(schemas);
  everySchema(description, (schema) => {
    unionsAreReadByType(schemas, schema);
  });
  return description;
}
