/** Times in the browser's zone, short when they are near. */

const MINUTE = 60_000;
const DAY = 86_400_000;

export function when(iso: string, now = Date.now()): string {
  const then = new Date(iso);
  const ago = now - then.getTime();
  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (ago < MINUTE) return "just now";
  if (ago < 60 * MINUTE) return relative.format(-Math.floor(ago / MINUTE), "minute");
  const clock = then.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const days = Math.round((midnight(now) - midnight(then.getTime())) / DAY);
  if (days === 0) return `today, ${clock}`;
  if (days === 1) return `yesterday, ${clock}`;
  const year = then.getFullYear() === new Date(now).getFullYear() ? undefined : "numeric";
  return `${then.toLocaleDateString("en-GB", { day: "numeric", month: "short", year })}, ${clock}`;
}

export function exactly(iso: string): string {
  return new Date(iso).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

/** 8 s, 1:07, 1:02:03 */
export function length(seconds: number): string {
  const all = Math.max(0, Math.floor(seconds));
  if (all < 60) return `${all} s`;
  const two = (n: number) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(all / 3600), Math.floor((all % 3600) / 60)];
  return hours ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`;
}

function midnight(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}
