import { createContext, type MouseEvent } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { LiveStore } from "./live";
import type { Point } from "./routing";

export type MenuTarget =
  | { kind: "applet"; key: string }
  | { kind: "exit"; key: string; exit: string }
  | { kind: "wire"; key: string; exit: string }
  | { kind: "pane" };

/** What the user can do to the drawing; the board knows where things are, these know what they mean. */
export interface EditHandlers {
  move: (moves: { key: string; x: number; y: number }[]) => void;
  wire: (source: string, exit: string, target: string | null) => void;
  rewire: (from: { source: string; exit: string }, to: { source: string; exit: string; target: string }) => void;
  /** Asks which applet an exit goes on to, at this place of the window; a new one is put at `place`. */
  pick: (at: Point, from: { source: string; exit: string }, place?: Point) => void;
  menu: (at: Point, target: MenuTarget, place: Point) => void;
}

export type Routes = ReadonlyMap<string, Point[]>;

export interface BoardShared {
  /** where wires run while what they hang on is dragged */
  loose: StoreApi<Routes> | undefined;
  mode: "edit" | "live";
  live: LiveStore | undefined;
  /** too small to be read: neither text nor sockets are drawn */
  far: boolean;
  openMenu?: (event: MouseEvent, target: MenuTarget) => void;
  pickFor?: (event: MouseEvent, source: string, exit: string) => void;
}

export const BoardContext = createContext<BoardShared>({ mode: "live", live: undefined, loose: undefined, far: false });
