import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { Editor, EditorState } from "./editor";

export const EditorContext = createContext<Editor | null>(null);

export function useEditor(): Editor {
  const editor = useContext(EditorContext);
  if (!editor) throw new Error("outside an editor");
  return editor;
}

export function useEditing<T>(pick: (state: EditorState) => T): T {
  return useStore(useEditor().store, pick);
}
