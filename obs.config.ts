import { defineConfig } from 'obs-kit';
import { duckdb } from 'obs-kit/duckdb';
import { json } from 'obs-kit/json';

export default defineConfig({
  service: { name: 'support-agent' },
  plugins: {
    local: duckdb({ path: '.obs/obs.duckdb' }),
    events: json({ destination: '.obs/events.jsonl' }),
  },
});
