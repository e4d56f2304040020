/** The time that c2pa-wasm is told. Only for the thread of c2pa-thread.ts, which does one thing after another. */

const RealDate = Date;

/** Carries out `work` as if it were `time`, in milliseconds since the epoch: whether a signature held then. */
export async function atTime<Result>(time: number, work: () => Promise<Result>): Promise<Result> {
  globalThis.Date = new Proxy(RealDate, {
    construct: (_, values: readonly unknown[]) => new RealDate((values[0] as number | undefined) ?? time),
    get: (real, name) => (name === 'now' ? () => time : (Reflect.get(real, name) as unknown)),
  });
  try {
    return await work();
  } finally {
    globalThis.Date = RealDate;
  }
}
