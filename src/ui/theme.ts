/** Light or dark: the system's choice until the button says otherwise. */
import { byId } from "./dom.ts";

const KEY = "hashfall-theme";

/** @param onChange called when the colours changed */
export function mountTheme(onChange: () => void): void {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: light)");
  const isLight = (): boolean => (root.dataset.theme ?? (system.matches ? "light" : "dark")) === "light";
  const stored = localStorage.getItem(KEY);
  if (stored === "light" || stored === "dark") root.dataset.theme = stored;
  system.addEventListener("change", onChange);
  byId("theme").addEventListener("click", () => {
    root.dataset.theme = isLight() ? "dark" : "light";
    localStorage.setItem(KEY, root.dataset.theme);
    onChange();
  });
}
