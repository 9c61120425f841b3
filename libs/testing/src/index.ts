export { FakeModel } from './fake-model.js';
export type { FakeModelRequest, FakeReply, FakeScript, FakeToolCall, FakeUsage } from './fake-model-script.js';
export { type TestDatabase, type TestDatabaseOptions, testDatabase } from './test-database.js';
export { type TestApp, type TestAppOptions, type TestRequest, type TestResponse, startTestApp } from './test-app.js';
export {
  type ServerProcess,
  type ServerProcessOptions,
  freePort,
  spawnServerProcess,
  startServerProcess,
} from './server-process.js';
