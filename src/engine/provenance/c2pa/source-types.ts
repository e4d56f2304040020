/** IPTC's words for where a picture comes from (https://cv.iptc.org/newscodes/digitalsourcetype/), retired ones included. */
const words = new Set([
  ...['digitalCapture', 'computationalCapture', 'multiFrameComputationalCapture', 'screenCapture', 'virtualRecording'],
  ...['negativeFilm', 'positiveFilm', 'print'],
  ...['humanEdits', 'minorHumanEdits', 'algorithmicallyEnhanced', 'digitalCreation', 'digitalArt', 'softwareImage'],
  ...['composite', 'compositeCapture', 'compositeSynthetic', 'compositeWithTrainedAlgorithmicMedia'],
  ...['algorithmicMedia', 'dataDrivenMedia', 'trainedAlgorithmicMedia'],
]);

const place = /^https?:\/\/cv\.iptc\.org\/newscodes\/digitalsourcetype\/(\w+)$/;

/** The last word of a type's address; undefined for what IPTC does not know. */
export function knownSourceType(address: string): string | undefined {
  const word = place.exec(address)?.[1];
  return word !== undefined && words.has(word) ? word : undefined;
}
