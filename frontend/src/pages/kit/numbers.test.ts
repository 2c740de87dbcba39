import { describe, expect, it } from "vitest";
import { fromLines, toLines } from "./numbers";

describe("numbers as lines", () => {
  it("go there and back, neighbours as a run", () => {
    const numbers = [
      "+441632960100",
      ...Array.from({ length: 100 }, (_, i) => `+4416329607${String(i).padStart(2, "0")}`),
    ];
    const lines = toLines(numbers);
    expect(lines).toEqual(["+441632960100", "+441632960700 - +441632960799"]);
    expect(fromLines(lines.join("\n"))).toEqual(numbers);
  });

  it("keep two neighbours apart, and say each number once", () => {
    expect(toLines(["+441", "+442", "+445"])).toEqual(["+441", "+442", "+445"]);
    expect(fromLines("+44 1632 960-100, +441632960100\n\n(+44) 1632.960101")).toEqual([
      "+441632960100",
      "+441632960101",
    ]);
  });

  it("leave what is no run to the server", () => {
    expect(fromLines("+441 - +43\nsome - thing\n+10 - +99999999")).toEqual(["+441+43", "something", "+10+99999999"]);
    expect(fromLines("+447 - +449")).toEqual(["+447", "+448", "+449"]);
  });
});
