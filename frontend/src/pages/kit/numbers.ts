/** Telephone numbers in E.164, many at a time: runs of neighbours are written as "first - last". Pure. */

const RUN = 3; // from this many neighbours on, a run is shorter than its numbers
const LARGEST_RUN = 1000;

/** "+44 1632 960-700" as it is kept: +441632960700 */
export const plainNumber = (text: string): string => text.replace(/[\s().\-–]/g, "");

/** Numbers as lines of text, neighbours together. */
export function toLines(numbers: readonly string[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i < numbers.length; ) {
    let end = i;
    while (end + 1 < numbers.length && follows(numbers[end] as string, numbers[end + 1] as string)) end++;
    if (end - i + 1 >= RUN) lines.push(`${numbers[i]} - ${numbers[end]}`);
    else lines.push(...numbers.slice(i, end + 1));
    i = end + 1;
  }
  return lines;
}

/** Lines (also parted by commas) as numbers. What is no run of numbers stays as it is, for the server to judge. */
export function fromLines(text: string): string[] {
  const numbers: string[] = [];
  for (const line of text.split(/[\n,;]+/)) {
    if (!line.trim()) continue;
    const [first, last, more] = line.split(/\s+(?:-|–|to)\s+/).map(plainNumber);
    const run = first && last && more === undefined ? between(first, last) : null;
    if (run) numbers.push(...run);
    else numbers.push(plainNumber(line));
  }
  return [...new Set(numbers)];
}

function between(first: string, last: string): string[] | null {
  if (!/^\+?\d+$/.test(first) || first.length !== last.length) return null;
  const count = Number(BigInt(last) - BigInt(first)) + 1;
  if (count < 1 || count > LARGEST_RUN) return null;
  return Array.from({ length: count }, (_, i) => plus(first, i));
}

function follows(one: string, other: string): boolean {
  return /^\+\d+$/.test(one) && other === plus(one, 1);
}

function plus(number: string, n: number): string {
  const sign = number.startsWith("+") ? "+" : "";
  const digits = number.slice(sign.length);
  return sign + (BigInt(digits) + BigInt(n)).toString().padStart(digits.length, "0");
}
