export { RunService } from './run.service.js';
