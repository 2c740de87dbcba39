/** Applets and exits of a drawing by the names a reader knows them by. Pure. */
import { drawnExits, type Types } from "../exits";
import type { Plan } from "../plan";

export interface Names {
  applet: (key: string | null) => string | null;
  exit: (key: string | null, exit: string) => string;
}

export function namesOf(plan: Plan | null, types: Types): Names {
  return {
    applet: (key) => (key === null ? null : (plan?.applets[key]?.name ?? null)),
    exit: (key, exit) => {
      const applet = key === null ? undefined : plan?.applets[key];
      const drawn = applet && drawnExits(types.get(applet.type), applet.settings).find((e) => e.name === exit);
      return drawn?.short ?? exit.replace(/^[a-z_]+:/, "").replaceAll("_", " ");
    },
  };
}
