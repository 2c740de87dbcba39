import { describe, expect, it } from "vitest";
import { length, when } from "./times";

const at = (text: string) => new Date(text).toISOString();
const NOW = new Date("2026-11-20T15:00:00").getTime();

describe("times on the pages", () => {
  it("are near, today, yesterday, this year or another", () => {
    expect(when(at("2026-11-20T14:59:40"), NOW)).toBe("just now");
    expect(when(at("2026-11-20T14:48:00"), NOW)).toBe("12 minutes ago");
    expect(when(at("2026-11-20T09:12:00"), NOW)).toBe("today, 09:12");
    expect(when(at("2026-11-19T23:50:00"), NOW)).toBe("yesterday, 23:50");
    expect(when(at("2026-03-02T08:05:00"), NOW)).toBe("2 Mar, 08:05");
    expect(when(at("2025-03-02T08:05:00"), NOW)).toBe("2 Mar 2025, 08:05");
  });

  it("of calls are seconds, minutes or hours", () => {
    expect([0, 59.9, 67, 3723, -2].map(length)).toEqual(["0 s", "59 s", "1:07", "1:02:03", "0 s"]);
  });
});
