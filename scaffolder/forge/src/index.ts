export { certificate } from './certificate';
export { Forge } from './Forge';
export { git } from './git';
export { scratch } from './scratch';
