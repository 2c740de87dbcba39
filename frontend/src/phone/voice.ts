/** The browser's own speech. It only accompanies: nothing in a call waits for it, and many browsers have no voices. */

const KEPT = "phone.muted";

export class Voice {
  private off = read();

  get muted(): boolean {
    return this.off;
  }

  mute(off: boolean): void {
    this.off = off;
    if (off) this.quiet();
    try {
      localStorage.setItem(KEPT, off ? "1" : "");
    } catch {
      // no storage: the switch holds for this page
    }
  }

  say(text: string, language: string | null, voice: string | null): void {
    if (this.off || !("speechSynthesis" in window)) return;
    this.quiet();
    const said = new SpeechSynthesisUtterance(text);
    if (language) said.lang = language;
    const wished = voice && speechSynthesis.getVoices().find((v) => v.name === voice);
    if (wished) said.voice = wished;
    speechSynthesis.speak(said);
  }

  quiet(): void {
    if ("speechSynthesis" in window) speechSynthesis.cancel();
  }
}

function read(): boolean {
  try {
    return localStorage.getItem(KEPT) === "1";
  } catch {
    return false;
  }
}
