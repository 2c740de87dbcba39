import { Portal } from "@mantine/core";
import { useClickOutside } from "@mantine/hooks";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Point } from "../canvas/routing";

interface FloatingProps {
  at: Point;
  label: string;
  onClose: () => void;
  children: ReactNode;
  width?: number;
}

/** A small panel at a place of the window; gone with Escape or a click elsewhere, and the focus goes back. */
export function Floating({ at, label, onClose, children, width = 280 }: FloatingProps) {
  const [place, setPlace] = useState<Point>(at);
  const close = useClickOutside(onClose, ["pointerdown"]);
  const box = useRef<HTMLDivElement | null>(null);
  useLayoutEffect(() => {
    const height = box.current?.offsetHeight ?? 0;
    setPlace({
      x: Math.max(8, Math.min(at.x, innerWidth - width - 8)),
      y: Math.max(8, Math.min(at.y, innerHeight - height - 8)),
    });
  }, [at, width]);
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      if (before instanceof HTMLElement && (document.activeElement === document.body || !document.activeElement))
        before.focus();
    };
  }, []);
  return (
    <Portal>
      <div
        ref={(element) => {
          box.current = element;
          close.current = element;
        }}
        role="dialog"
        aria-label={label}
        className="floating"
        style={{ left: place.x, top: place.y, width }}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          onClose();
        }}
        onContextMenu={(event) => event.preventDefault()}
      >
        {children}
      </div>
    </Portal>
  );
}
