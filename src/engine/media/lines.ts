/** Cuts a byte stream into lines of bounded length, so that a file cannot fill memory through what a tool says about it. */

const maxLine = 4096;

/** A sink for chunks of UTF-8 that calls `onLine` once a line, without its ending; what passes 4 KB of a line is dropped. */
export function createLineSplitter(onLine: (line: string) => void): (chunk: Buffer | string) => void {
  let rest = '';
  return (chunk) => {
    const parts = chunk.toString().split(/\r\n|\r|\n/);
    for (const [index, part] of parts.entries()) {
      if (rest.length < maxLine) rest += part.slice(0, maxLine - rest.length);
      if (index < parts.length - 1) {
        if (rest !== '') onLine(rest);
        rest = '';
      }
    }
  };
}
