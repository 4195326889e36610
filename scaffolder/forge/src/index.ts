export { Forge } from './Forge';
export { git } from './git';
