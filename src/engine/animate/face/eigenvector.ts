/** Eigenvectors of small symmetric matrices, by Jacobi's rotations: exact to the last digits whatever the eigenvalues. */

/** The unit eigenvector of the largest eigenvalue of a symmetric matrix, given as rows. */
export function largestEigenvector(matrix: readonly (readonly number[])[]): number[] {
  const n = matrix.length;
  const a = matrix.map((row) => [...row]);
  const vectors = a.map((_, i) => a.map((__, j) => (i === j ? 1 : 0)));
  const size = Math.max(...a.flat().map(Math.abs));
  // Each sweep squares the remainder; six are enough for four by four, and the bound keeps NaN from running for ever.
  for (let sweep = 0; sweep < 30; sweep += 1) {
    let rest = 0;
    for (let p = 0; p < n; p += 1) for (let q = p + 1; q < n; q += 1) rest = Math.max(rest, Math.abs(a[p]![q]!));
    if (rest <= size * 1e-15) break;
    for (let p = 0; p < n; p += 1) for (let q = p + 1; q < n; q += 1) rotate(a, vectors, p, q);
  }
  let best = 0;
  for (let i = 1; i < n; i += 1) if (a[i]![i]! > a[best]![best]!) best = i;
  return vectors.map((row) => row[best]!);
}

/** Turns the plane of the axes `p` and `q` so that `a[p][q]` vanishes. */
function rotate(a: number[][], vectors: number[][], p: number, q: number): void {
  if (a[p]![q] === 0) return;
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  const mix = (row: number[]): void => {
    const [x, y] = [row[p]!, row[q]!];
    row[p] = c * x - s * y;
    row[q] = s * x + c * y;
  };
  a.forEach(mix);
  vectors.forEach(mix);
  const [rowP, rowQ] = [a[p]!, a[q]!];
  a[p] = rowP.map((x, k) => c * x - s * rowQ[k]!);
  a[q] = rowQ.map((y, k) => s * rowP[k]! + c * y);
}
