/** Whether the long form of a suite was asked for: `npm run test:long`. What stands in `npm test` is a part of it. */
export const isLong = process.env['LUMIERE_LONG'] === '1';
