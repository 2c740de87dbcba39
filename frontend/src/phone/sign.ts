/** Signs hooks as the server checks them: HMAC-SHA256 over method, path with query, and the raw body. */

/** Browsers give pages WebCrypto only on https and on this machine's own address. */
export const canSign = (): boolean => typeof crypto !== "undefined" && crypto.subtle !== undefined;

export async function sign(key: string, method: string, path: string, body: string): Promise<string> {
  const text = new TextEncoder();
  const made = await crypto.subtle.importKey("raw", text.encode(key), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  const bytes = await crypto.subtle.sign("HMAC", made, text.encode(`${method}\n${path}\n${body}`));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
