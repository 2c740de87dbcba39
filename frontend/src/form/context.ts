import { createContext, useContext } from "react";
import type { Grade, Json, Settings } from "../api/types";

export interface Trouble {
  grade: Grade;
  words: string;
}

export interface FormShared {
  applet: string;
  settings: Settings;
  /** the type's whole schema, for following $refs */
  root: Settings;
  readOnly: boolean;
  names: { sources: string[]; secrets: string[]; slots: string[] };
  /** by dotted path, positions in lists as numbers or as item ids */
  troubles: Map<string, Trouble[]>;
  /** Sets one value; the path as the form sees it, with positions in lists. No value: the field goes away. */
  set: (path: (string | number)[], value: Json | undefined) => void;
}

export const FormContext = createContext<FormShared | null>(null);

export function useForm(): FormShared {
  const form = useContext(FormContext);
  if (!form) throw new Error("outside a form");
  return form;
}

/** Inside a row of a list, where the column's head is the label. */
export const BareContext = createContext(false);
