import { pieces } from "../exits";

/** Text in which $(Name) and #(Key) look like the values they stand for. */
export function Tokens({ text }: { text: string }) {
  let at = 0;
  return (
    <>
      {pieces(text).map((piece) => {
        at += piece.text.length;
        if (piece.kind === "text") return <span key={at}>{piece.text}</span>;
        return (
          <span key={at} className={piece.kind === "source" ? "token" : "token-secret"}>
            {piece.text}
          </span>
        );
      })}
    </>
  );
}
