import { ingestCase } from '../store/ingest.ts';

export default ingestCase({ profile: 'llm', count: 12_000, peerCount: 3_000, batch: 1_000 });
