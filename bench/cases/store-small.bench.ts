import { ingestCase } from '../store/ingest.ts';

export default ingestCase({ profile: 'small', count: 40_000, peerCount: 4_000, batch: 1_000 });
