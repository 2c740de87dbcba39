import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// In development the page comes from Vite and everything else from the server that `make run` started.
const server = process.env.DESIGNER ?? "http://127.0.0.1:8000";
const proxied = ["/api", "/hooks", "/sandbox", "/signin", "/signout", "/admin", "/static"];

export default defineConfig(({ command }) => ({
  plugins: [react()],
  base: command === "build" ? "/static/canvas/" : "/",
  build: {
    outDir: "../designer/static/canvas",
    emptyOutDir: true,
    manifest: "manifest.json",
    chunkSizeWarningLimit: 700,
    rollupOptions: { input: "src/main.tsx" },
  },
  server: {
    port: 5173,
    proxy: {
      ...Object.fromEntries(proxied.map((path) => [path, { target: server, changeOrigin: false }])),
      "/ws": { target: server, ws: true },
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
}));
