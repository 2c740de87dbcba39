import { useEffect, useRef, useState } from "react";

/**
 * Text of a field while somebody types in it: what was typed stays as typed, and changes from elsewhere (undo,
 * another window) come in. `send` gets each typed text.
 */
export function useTyped(value: string, send: (text: string) => void): [string, (text: string) => void] {
  const [text, setText] = useState(value);
  const last = useRef(value);
  useEffect(() => {
    if (value === last.current) return;
    last.current = value;
    setText(value);
  }, [value]);
  return [
    text,
    (typed) => {
      last.current = typed;
      setText(typed);
      send(typed);
    },
  ];
}
