import { Textarea } from "@mantine/core";
import { toLines } from "./numbers";

interface NumbersFieldProps {
  label: string;
  description: string;
  placeholder?: string;
  /** as typed; `fromLines` makes numbers of it */
  value: string;
  onChange: (text: string) => void;
  error?: string;
}

/** Many telephone numbers: one a line, or a run of them. */
export function NumbersField({ value, onChange, ...field }: NumbersFieldProps) {
  return (
    <Textarea
      {...field}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autosize
      minRows={2}
      maxRows={8}
      spellCheck={false}
      autoComplete="off"
    />
  );
}

const SHOWN = 4;

/** Numbers to be read: runs together, the rest of a long list in the tooltip. */
export function Numbers({ numbers, none, more }: { numbers: string[]; none: string; more: (count: number) => string }) {
  const lines = toLines(numbers);
  if (lines.length === 0) return <span className="quiet">{none}</span>;
  return (
    <span className="figures" title={lines.length > SHOWN ? lines.join("\n") : undefined}>
      {lines.slice(0, SHOWN).map((line) => (
        <span key={line} className="number-line">
          {line}
        </span>
      ))}
      {lines.length > SHOWN && <span className="quiet">{more(lines.length - SHOWN)}</span>}
    </span>
  );
}
