// A process that loads obs-kit and does not use it.
import '../../core/index.ts';
