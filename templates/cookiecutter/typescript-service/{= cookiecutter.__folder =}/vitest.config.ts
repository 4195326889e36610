import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // Starts telemetry before anything loads Fastify, as src/main.ts does.
    setupFiles: ['tests/telemetry.ts'],
    testTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['src/**'],
      // The shutdown tests run it as a process of its own.
      exclude: ['src/main.ts'],
      reporter: ['text', 'cobertura'],
      thresholds: { statements: 95, branches: 90, functions: 95, lines: 95 },
    },
  },
});
