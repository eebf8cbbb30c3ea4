// A process that only loads what obs-kit is built on.
import 'tapable';
import 'zod';
