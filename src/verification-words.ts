/** The answer of a verification in sentences, wherever it is told: for a terminal and for a message alike. */
import { isFromTrained } from './engine/provenance/read-marks.ts';
import type { Translate } from './locale.ts';
import type { Others, Verification } from './queue/verification.ts';

export interface VerificationWords {
  /** The one plain answer. */
  readonly title: string;
  /** What is known, and what says so. */
  readonly lines: readonly string[];
}

/** @param day writes a date, as the place that shows it wants it. */
export function verificationWords(
  answer: Verification,
  { t, day }: { readonly t: Translate; readonly day: (at: Date) => string },
): VerificationWords {
  const { madeHere, certainty, kind, fromAnimation, madeAt, altered, evidence, unread, watermarkProblem } = answer;
  const mark = certainty === 'certain' ? undefined : evidence.find((one) => one.kind === 'watermark');
  const isMarkAlone = madeHere === true && mark !== undefined && mark.pictures === undefined;
  const title =
    madeHere === true
      ? t(isMarkAlone ? 'verify.title.yes-pictures' : `verify.title.yes-${certainty}`)
      : t(madeHere === null ? 'verify.title.perhaps' : 'verify.title.no-sign');
  const facts =
    madeHere === true
      ? [
          ...(kind === undefined ? [] : [t(`verify.kind.${kind}`)]),
          ...(fromAnimation ? [t('verify.from-animation')] : []),
          ...(madeAt === undefined ? [] : [t('verify.at', { at: day(new Date(madeAt)) })]),
          ...(altered === undefined ? [] : [t(`verify.altered.${altered ? 'yes' : 'no'}`)]),
        ]
      : [];
  const reasons = evidence.flatMap((one) => {
    if (one.kind === 'watermark') {
      return [
        t('verify.evidence.watermark', { oneIn: Math.min(1e9, Math.round(1 / one.falsePositive)) }),
        ...(isMarkAlone ? [t('verify.mark-alone')] : []),
        ...(mark?.pictures === 'different' ? [t('verify.mark-elsewhere')] : []),
      ];
    }
    if (one.kind === 'likeness') return t('verify.evidence.likeness', { percent: Math.round(one.share * 100) });
    const reason = t(`verify.evidence.${one.kind}`);
    return one.kind === 'manifest' && one.expired ? [reason, t('verify.certificate-expired')] : [reason];
  });
  return {
    title,
    lines: [
      ...facts,
      ...reasons,
      ...(answer.others ? othersWords(answer.others, t) : []),
      ...answer.input.flatMap((file) => [
        ...(file.others ? [t('verify.input.marks', { generator: nameOf(file.others, t) })] : []),
        ...(file.madeHere ? [t('verify.input.made-here')] : []),
      ]),
      ...(madeHere === true ? [] : [t(watermarkProblem && !unread ? 'verify.no-pictures' : 'verify.none')]),
      ...(unread ? [t(isLasting(answer) ? 'verify.watermark-unread-here' : 'verify.watermark-unread')] : []),
    ],
  };
}

/** The watermark cannot be looked for on this machine, now or later, until somebody mends it. */
export function isLasting({ watermarkProblem: code }: Pick<Verification, 'watermarkProblem'>): boolean {
  return code === 'tool.missing' || code === 'provenance.no-key';
}

const nameOf = ({ generator, signer }: Others, t: Translate): string =>
  generator ?? signer ?? t('verify.others.unnamed');

function othersWords(others: Others, t: Translate): readonly string[] {
  return [
    t(`verify.others.${others.state}`, { generator: nameOf(others, t) }),
    ...(isFromTrained(others) === true ? [t('verify.others.trained')] : []),
  ];
}
