// A process that loads obs-kit and does not use it.
import '../../dist/core/index.js';
