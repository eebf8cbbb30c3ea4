export { loadEncoder } from './encoder.ts';
