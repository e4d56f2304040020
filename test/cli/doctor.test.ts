/** The parts of ffmpeg that `lumiere doctor` asks for are those that the engine uses: its filter chains are read from the source. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

import { neededParts } from '../../src/cli/doctor-checks.ts';

const source = join(import.meta.dirname, '..', '..', 'src');
const known = new Set(
  execFileSync('ffmpeg', ['-hide_banner', '-filters'], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[1]),
);

/** Names of filters with options in the strings of a file: `hqdn3d=4`, `[a][b]overlay=...`, after a comma or on their own. */
function filtersIn(file: string): string[] {
  const found: string[] = [];
  const look = (text: string): void => {
    for (const match of text.matchAll(/(?:^|[,;\]])([a-z][a-z0-9_]*)=/g))
      if (known.has(match[1])) found.push(match[1]!);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) look(node.text);
    // What follows a blank in a template starts in the middle of a filter: only what comes after a separator counts.
    if (ts.isTemplateMiddleOrTemplateTail(node)) look(`.${node.text}`);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(join(source, file), 'utf8'), ts.ScriptTarget.Latest, true));
  return found;
}

describe('what doctor asks of ffmpeg', () => {
  it('has every filter that the engine uses', () => {
    const files = readdirSync(join(source, 'engine'), { recursive: true }).map(String);
    const used = files.filter((name) => name.endsWith('.ts')).flatMap((name) => filtersIn(join('engine', name)));
    expect([...new Set(used)].filter((name) => !(neededParts.filters as readonly string[]).includes(name))).toEqual([]);
    expect(used.length).toBeGreaterThan(20);
  });

  it('names no filter that this ffmpeg, which passes, does not know', () => {
    expect(neededParts.filters.filter((name) => !known.has(name))).toEqual([]);
  });
});
