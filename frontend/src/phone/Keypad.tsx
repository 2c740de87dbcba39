import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const LETTERS: Record<string, string> = {
  "2": "ABC",
  "3": "DEF",
  "4": "GHI",
  "5": "JKL",
  "6": "MNO",
  "7": "PQRS",
  "8": "TUV",
  "9": "WXYZ",
};

export function Keypad({ onPress }: { onPress: (key: string) => void }) {
  const { t } = useTranslation("phone");
  return (
    <fieldset className="keypad" aria-label={t("keypad")}>
      {KEYS.map((key) => (
        <button key={key} type="button" onClick={() => onPress(key)} data-key={key} aria-label={key}>
          {key}
          <small aria-hidden>{LETTERS[key] ?? ""}</small>
        </button>
      ))}
    </fieldset>
  );
}

/**
 * Digits, * and # typed while the phone or nothing at all has the focus are keys of the phone. Whatever else has the
 * focus keeps its keyboard, and the canvas never sees a key that the phone took.
 */
export function useKeyboard(body: RefObject<HTMLElement | null>, on: boolean, press: (key: string) => void) {
  const [listening, setListening] = useState(false);
  const pressed = useRef(press);
  pressed.current = press;
  useEffect(() => {
    if (!on) return;
    body.current?.focus({ preventScroll: true });
    const look = () => {
      const active = document.activeElement;
      setListening(active === null || active === document.body || body.current?.contains(active) === true);
    };
    const anywhere = (event: globalThis.KeyboardEvent) => {
      if (document.activeElement !== document.body || event.defaultPrevented || !isKey(event)) return;
      event.preventDefault();
      event.stopPropagation();
      pressed.current(event.key);
    };
    look();
    const later = () => requestAnimationFrame(look); // the focus has moved only after `focusout`
    document.addEventListener("focusin", look);
    document.addEventListener("focusout", later);
    addEventListener("keydown", anywhere, true);
    return () => {
      setListening(false);
      document.removeEventListener("focusin", look);
      document.removeEventListener("focusout", later);
      removeEventListener("keydown", anywhere, true);
    };
  }, [on, body]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!on || !isKey(event.nativeEvent) || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    event.stopPropagation();
    press(event.key);
  };
  return { listening, onKeyDown };
}

function isKey(event: globalThis.KeyboardEvent): boolean {
  return /^[0-9*#]$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
}
