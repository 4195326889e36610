/**
 * Runs goldenpath and Copier for the backend modules of the golden path.
 *
 * @packageDocumentation
 */

export { Python, type PythonOptions } from './Python';
export { ProgramError, run, type Run, type RunOptions } from './run';
export {
  failing,
  type CheckResult,
  type ComponentScore,
  type Evidence,
  type Report,
} from './report';
export { check, type CheckOptions, type Judgement } from './check';
export { withTemporaryFolder } from './temporary';
