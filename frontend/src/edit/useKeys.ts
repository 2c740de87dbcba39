import { useEffect } from "react";
import { duplicate } from "./actions";
import type { Editor } from "./editor";

/** The keyboard's short cuts of the editor. In a field of the plan Ctrl+Z undoes the plan's step, elsewhere the browser's. */
export function useKeys(editor: Editor): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : document.body;
      if (event.defaultPrevented || target.closest('[role="dialog"], [data-phone]')) return;
      const typing = target.isContentEditable || target.matches("input, textarea, select");
      const key = event.key.toLowerCase();
      if (event.ctrlKey || event.metaKey) {
        const again = key === "y" || (key === "z" && event.shiftKey);
        if (again || key === "z") {
          if (typing && !target.closest("[data-plan-field]")) return;
          event.preventDefault();
          if (again) editor.redo();
          else editor.undo();
        } else if (key === "d" && !typing && editor.state.selected.length > 0) {
          event.preventDefault();
          const copy = duplicate(editor.state.plan, editor.types, editor.state.selected);
          if (editor.run(copy.changes)) editor.select(copy.keys);
        } else if (key === "a" && !typing) {
          event.preventDefault();
          editor.select(Object.keys(editor.state.plan.applets));
        } else if (key === "s") {
          event.preventDefault(); // everything is saved by itself; what waits is sent at once
          void editor.saver.flush().catch(() => {});
        }
        return;
      }
      if (typing) return;
      if (event.key === "Enter" && target.matches(".react-flow__node.selected")) {
        event.preventDefault();
        document.querySelector<HTMLElement>(".edit-side [data-plan-field]")?.focus();
        return;
      }
      if (event.key === "Delete" || event.key === "Backspace") {
        event.preventDefault();
        editor.removeSelected();
      } else if (event.key === "Escape") {
        editor.select([]);
        editor.selectWire(null);
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [editor]);
}
