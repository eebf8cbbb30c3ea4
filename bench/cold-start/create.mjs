// A process that starts obs-kit with the config that OBS_CONFIG_FILE names, or with what it is given.
import { createObs } from '../../dist/core/index.js';

await createObs();
