/**
 * Every sentence a person can be shown exists in every language, with the same blanks to fill, and every place in the
 * source that fills one gives what the sentence asks for. The source is read with the TypeScript compiler, so a key or a
 * parameter that is misspelt is found here and not by whoever first meets the error.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

import { errorCodes, LumiereError } from '../src/engine/errors.ts';
import { defaultLimits } from '../src/engine/media/limits.ts';
import { choiceWarningCodes } from '../src/engine/animate/face/choose-faces.ts';
import { faceWarningCodes } from '../src/engine/animate/face/face-warnings.ts';
import { motionWarningCodes } from '../src/engine/animate/driving/warnings.ts';
import { measureNames, missingReasons } from '../src/engine/animate/measure/measures.ts';
import { realismBands, realismParts } from '../src/engine/animate/measure/realism.ts';
import { photoWarningCodes } from '../src/engine/media/photo-warnings.ts';
import { sceneWarningCodes } from '../src/engine/animate/report.ts';
import { warningCodes } from '../src/engine/media/warnings.ts';
import { planNoteCodes } from '../src/engine/restore/plan/plan.ts';
import { stageNames } from '../src/engine/restore/plan/plan-stages.ts';
import { ambienceNames } from '../src/engine/restore/sound/request.ts';
import { sentenceOf } from '../src/cli/report-error.ts';
import { consentTextKeys } from '../src/policy/consent-texts.ts';
import { refusalCodes } from '../src/policy/refusal.ts';
import { queueReasons } from '../src/queue/reasons.ts';
import {
  chooseLanguage,
  createTranslate,
  formatBytes,
  formatDecimal,
  formatDuration,
  languages,
  readSentences,
} from '../src/locale.ts';

/** Of every part of the engine. */
const allWarningCodes = [
  ...warningCodes,
  ...photoWarningCodes,
  ...faceWarningCodes,
  ...choiceWarningCodes,
  ...motionWarningCodes,
  ...sceneWarningCodes,
];

const sentences = Object.fromEntries(languages.map((language) => [language, readSentences(language)]));
const english = sentences['en']!;

/** Names of the blanks in a sentence, sorted. */
function blanks(sentence: string): string[] {
  return [...new Set([...sentence.matchAll(/\{\{\s*([a-zA-Z]+)/g)].map((match) => match[1]!))].sort();
}

const source = join(import.meta.dirname, '..', 'src');
const files = readdirSync(source, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ts.createSourceFile(name, readFileSync(join(source, name), 'utf8'), ts.ScriptTarget.Latest, true));

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => {
    walk(child, visit);
  });
}

/** Patterns of the keys an expression can come to: literals, both arms of a condition, templates with anything inside. */
function keysOf(expression: ts.Expression): RegExp[] {
  const quote = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  if (ts.isStringLiteralLike(expression)) return [new RegExp(`^${quote(expression.text)}$`)];
  if (ts.isConditionalExpression(expression)) return [...keysOf(expression.whenTrue), ...keysOf(expression.whenFalse)];
  if (ts.isTemplateExpression(expression)) {
    const parts = expression.templateSpans.map((span) => `.+${quote(span.literal.text)}`);
    return [new RegExp(`^${quote(expression.head.text)}${parts.join('')}$`)];
  }
  return [];
}

const asked: { pattern: RegExp; where: string }[] = [];
/** What an option is said to expect where that takes words: the names of sentences under `expected.`. */
const expectations = new Set<string>();
const thrown: { code: string; given: Set<string> | undefined; where: string }[] = [];
for (const file of files) {
  walk(file, (node) => {
    const where = (): string => `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    if (ts.isCallExpression(node)) {
      const callee = node.expression;
      const name = ts.isIdentifier(callee)
        ? callee.text
        : ts.isPropertyAccessExpression(callee)
          ? callee.name.text
          : '';
      if (name === 't' && node.arguments[0]) {
        for (const pattern of keysOf(node.arguments[0])) asked.push({ pattern, where: where() });
      }
    }
    if (ts.isNewExpression(node) && node.expression.getText() === 'LumiereError') {
      const [code, params] = node.arguments ?? [];
      const literal = params && ts.isObjectLiteralExpression(params) ? params : undefined;
      const isOpen = params !== undefined && (!literal || literal.properties.some(ts.isSpreadAssignment));
      for (const property of literal?.properties ?? []) {
        if (!ts.isPropertyAssignment(property) || property.name.getText() !== 'expected') continue;
        if (ts.isStringLiteralLike(property.initializer)) expectations.add(property.initializer.text);
      }
      const given = new Set(literal?.properties.map((property) => property.name?.getText() ?? ''));
      for (const pattern of code ? keysOf(code) : []) {
        const matching = errorCodes.filter((known) => pattern.test(known));
        for (const known of matching) thrown.push({ code: known, given: isOpen ? undefined : given, where: where() });
      }
    }
  });
}

describe('the sentences', () => {
  it.each(languages)('in %s have the same keys as the English ones', (language) => {
    expect(Object.keys(sentences[language]!).sort()).toEqual(Object.keys(english).sort());
  });

  it.each(languages)('in %s have the same blanks as the English ones, and are not empty', (language) => {
    for (const [key, sentence] of Object.entries(sentences[language]!)) {
      expect({ key, blanks: blanks(sentence) }).toEqual({ key, blanks: blanks(english[key] ?? '') });
      expect(sentence.trim(), key).not.toBe('');
    }
  });

  it.each(languages)('in %s write the count that chooses them: French says one of none', (language) => {
    const counted = Object.entries(sentences[language]!).filter(([key]) => key.endsWith('_one'));
    expect(counted.filter(([, sentence]) => !sentence.includes('{{count}}'))).toEqual([]);
  });

  it.each(languages)('in %s name commands as the reader’s Discord does', (language) => {
    const names = Object.keys(english).flatMap((key) => /^command\.([a-z]+)\.name$/.exec(key)?.[1] ?? []);
    const written = new RegExp(`(^|[\\s\`*(])/(${names.join('|')})\\b`);
    expect(Object.entries(sentences[language]!).filter(([, sentence]) => written.test(sentence))).toEqual([]);
    expect(createTranslate(language)('refusal.nothing-to-revoke')).toContain(
      { en: '`/consent status`', fr: '`/consentement statut`', it: '`/consenso stato`' }[language],
    );
  });

  it('in Italian have one kind of quotation marks', () => {
    expect(Object.entries(sentences['it']!).filter(([, sentence]) => /[“”]/.test(sentence))).toEqual([]);
  });

  it('exist for every code that the engine can give', () => {
    const needed = [
      ...[...errorCodes, ...queueReasons].map((code) => `errors.${code}`),
      ...refusalCodes,
      ...allWarningCodes.map((code) => `warnings.${code}`),
      ...measureNames.map((name) => `measure.${name}`),
      ...realismParts.map((name) => `realism-part.${name}`),
      ...missingReasons.map((reason) => `measure-missing.${reason}`),
      ...realismBands.map((band) => `realism.${band}`),
      ...planNoteCodes.map((code) => `plan.note.${code}`),
      ...stageNames.flatMap((name) => [`plan.stage.${name}`, `plan.stage.${name}.name`]),
      ...ambienceNames.map((name) => `sound.name.${name}`),
      ...[...expectations].map((name) => `expected.${name}`),
    ];
    expect(expectations.size).toBeGreaterThan(1);
    expect(needed.filter((key) => !(key in english))).toEqual([]);
  });

  it('exist for every key that the source asks for by name', () => {
    const known = Object.keys(english);
    // `files_one` and `files_other` answer for `files`.
    const stems = new Set(known.map((key) => key.replace(/_(zero|one|two|few|many|other)$/, '')));
    const missing = asked.filter(({ pattern }) => ![...stems].some((key) => pattern.test(key)));
    expect(missing.map(({ pattern, where }) => `${where} ${pattern.source}`)).toEqual([]);
    expect(asked.length).toBeGreaterThan(30);
  });

  it('are all used', () => {
    const nested = Object.values(english).flatMap((sentence) =>
      [...sentence.matchAll(/\$t\(([\w.-]*)(\{\{\w+\}\})?\)/g)].map((match) => match[1]!),
    );
    const codes: Record<string, readonly string[]> = {
      errors: [...errorCodes, ...queueReasons, 'this-file', 'this-place'],
      refusal: refusalCodes.map((code) => code.slice('refusal.'.length)),
      warnings: allWarningCodes,
      measure: measureNames,
      'measure-missing': missingReasons,
      realism: realismBands,
      'realism-part': realismParts,
      'plan.note': planNoteCodes,
      'plan.stage': stageNames.flatMap((name) => [name, `${name}.name`]),
      'sound.name': ambienceNames,
      expected: [...expectations],
      'consent.text': consentTextKeys.map((key) => key.replace(/^consent\.text\./, '')),
    };
    const leftover = Object.keys(english).filter((key) => {
      const group = Object.keys(codes).find((prefix) => key.startsWith(`${prefix}.`));
      if (group !== undefined) return !codes[group]!.includes(key.slice(group.length + 1));
      const stem = key.replace(/_(zero|one|two|few|many|other)$/, '');
      return !asked.some(({ pattern }) => pattern.test(stem)) && !nested.some((prefix) => key.startsWith(prefix));
    });
    expect(leftover).toEqual([]);
  });

  it('ask only for what every place that throws the error gives', () => {
    const short = thrown.flatMap(({ code, given, where }) => {
      if (given === undefined) return [];
      const lacking = blanks(english[`errors.${code}`] ?? '').filter((name) => name !== 'path' && !given.has(name));
      return lacking.map((name) => `${where}: ${code} lacks ${name}`);
    });
    expect(short).toEqual([]);
    expect(thrown.length).toBeGreaterThan(50);
  });

  it('name the limits that are really held', () => {
    const { maxSide, maxPixels } = defaultLimits;
    for (const language of languages) {
      expect(sentences[language]!['errors.input.too-large']).toContain(`${maxSide}x${maxPixels / maxSide}`);
    }
  });
});

describe('the translator', () => {
  it('fills the blanks of an error, and speaks of "the file" where no path is known', () => {
    const t = createTranslate('en');
    expect(sentenceOf(new LumiereError('input.too-small', { width: 1, height: 1, limit: 16 }), t)).toBe(
      'The picture is 1x1; the shorter side must have at least 16 pixels.',
    );
    expect(sentenceOf(new LumiereError('input.unreadable'), t)).toMatch(/^The file cannot be read/);
  });

  it('writes sizes and durations as people do, with the decimal sign of the language', () => {
    expect(formatBytes(0)).toBe('0 B');
    expect(formatBytes(1536)).toBe('1.5 KiB');
    expect(formatBytes(10_614_320, 'fr')).toBe('10,1 MiB');
    expect([formatDuration(42.4), formatDuration(185), formatDuration(3720)]).toEqual(['42s', '3m 05s', '1h 02m']);
    const params = { seconds: 25_000, limit: 21_600 };
    expect(createTranslate('it')('errors.input.too-long', params)).toContain('6h 56m; il limite è 6h 00m');
  });

  it('writes figures with the decimal sign of the language, and leaves what is written already', () => {
    expect(formatDecimal(24.636, 'en')).toBe('24.64');
    expect(formatDecimal('60000/1001', 'fr')).toBe('59,94');
    expect(formatDecimal(2, 'it', 1)).toBe('2,0');
    expect(formatDecimal('12,5', 'fr')).toBe('12,5');
    const rates = { ...{ width: 1, height: 1, frames: 1 }, rate: '24.64', seconds: 1.25 };
    expect(createTranslate('fr')('restore.output', rates)).toContain('24,64 i/s, 1,3 s');
    expect(createTranslate('it')('plan.stage.encode', { frames: 1, size: '1x1', rate: '30000/1001' })).toContain(
      '29,97',
    );
    expect(createTranslate('fr')('progress.rate', { rate: '12' })).toBe('12 i/s');
    expect(createTranslate('fr')('progress.rate', { rate: 12 })).toBe('12,0 i/s');
    // Every figure of the plan and the report goes through it, whichever language it is written in.
    const bare = languages.flatMap((language) =>
      Object.entries(sentences[language]!)
        .filter(([key]) => /^(plan|restore|given-up)\./.test(key))
        .filter(([, sentence]) => /\{\{(rate|seconds|flicker|noise|weave|perMinute)\}\}/.test(sentence)),
    );
    expect(bare).toEqual([]);
  });

  it('says what was expected in the language, or as it is where it reads the same in all', () => {
    const say = (language: 'en' | 'fr' | 'it', expected: string): string =>
      sentenceOf(
        new LumiereError('request.invalid', { option: 'out', value: 'x', expected }),
        createTranslate(language),
      );
    expect(say('en', 'other-file')).toBe(
      'The result cannot be "x": expected a file other than the one it is made from.',
    );
    expect(say('fr', 'other-file')).toContain('valeur attendue : un autre fichier que celui d’origine.');
    expect(say('it', '.mp4')).toContain('valore atteso: .mp4.');
  });

  it('names the way out where a hash is not known', () => {
    for (const language of languages) {
      const error = new LumiereError('model.hash-unknown', { model: 'x4', file: 'a.bin' });
      expect(sentenceOf(error, createTranslate(language))).toMatch(
        /: lumiere models install x4 --trust a\.bin=SHA256$/,
      );
    }
  });

  it('speaks Italian to one person', () => {
    const plural = /\b(copiatelo|mettete|create|avviate|invitate|impostate|scrivete|scegliete)\b/i;
    expect(Object.entries(sentences['it']!).filter(([, sentence]) => plural.test(sentence))).toEqual([]);
  });

  it('reads the nested sentences', () => {
    expect(createTranslate('fr')('plan.stage.deinterlace', { fields: 'top-first' })).toContain('trame haute d’abord');
  });

  it('takes the first language it speaks, and English when it speaks none', () => {
    expect(chooseLanguage([undefined, 'fr_CA.UTF-8', 'it'])).toBe('fr');
    expect(chooseLanguage(['C.UTF-8'])).toBe('en');
    expect(chooseLanguage(['de_DE', 'it_IT'])).toBe('it');
  });
});
