/** Undo and redo as a list of gestures. A gesture is what the user would call one step. No React in here. */
import { type Change, sameThing, squeeze } from "./plan";

export interface Gesture {
  forward: Change[];
  backward: Change[];
  at: number;
}

const PAUSE = 1200; // ms: typing on in the same field after a shorter pause belongs to the same step
const MOST = 500;

export interface History {
  done: Gesture[];
  undone: Gesture[];
}

export const noHistory: History = { done: [], undone: [] };

/** Adds a gesture; typing on in one field (`joins`) lengthens the last one instead. */
export function record(history: History, gesture: Gesture, joins: boolean): History {
  const last = history.done.at(-1);
  if (joins && last && gesture.at - last.at < PAUSE && continues(last, gesture)) {
    const joined: Gesture = {
      forward: squeeze([...last.forward, ...gesture.forward]),
      backward: last.backward,
      at: gesture.at,
    };
    return { done: [...history.done.slice(0, -1), joined], undone: [] };
  }
  return { done: [...history.done, gesture].slice(-MOST), undone: [] };
}

function continues(last: Gesture, next: Gesture): boolean {
  const [one, other] = [last.forward, next.forward];
  return one.length === 1 && other.length === 1 && !!one[0] && !!other[0] && sameThing(one[0], other[0]);
}

export function takeBack(history: History): { gesture: Gesture; history: History } | null {
  const gesture = history.done.at(-1);
  if (!gesture) return null;
  return { gesture, history: { done: history.done.slice(0, -1), undone: [...history.undone, gesture] } };
}

export function takeAgain(history: History): { gesture: Gesture; history: History } | null {
  const gesture = history.undone.at(-1);
  if (!gesture) return null;
  return { gesture, history: { done: [...history.done, gesture], undone: history.undone.slice(0, -1) } };
}
