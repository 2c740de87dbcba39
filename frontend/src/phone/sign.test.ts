import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { canSign, sign } from "./sign";

describe("signing a hook", () => {
  it("is what the server computes, over method, path with query and raw body", async () => {
    const [key, path, body] = ["k€y", "/hooks/browser/t/c/3.ab?heard=2", '{"input":"keys","digits":"12#"}'];
    const expected = createHmac("sha256", key).update(`POST\n${path}\n${body}`).digest("hex");
    expect(canSign()).toBe(true);
    expect(await sign(key, "POST", path, body)).toBe(expected);
    expect(await sign(key, "POST", path, `${body} `)).not.toBe(expected);
  });
});
