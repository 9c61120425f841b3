export { FakeModel } from './fake-model.js';
export type {
  FakeModelFile,
  FakeModelRequest,
  FakeReply,
  FakeScript,
  FakeToolCall,
  FakeUsage,
} from './fake-model-script.js';
export { modelProviderConformance } from './conformance/model-provider.conformance.js';
export { ANTHROPIC_WIRE } from './wires/anthropic.wire.js';
export { GOOGLE_WIRE } from './wires/google.wire.js';
export { OPENAI_WIRE } from './wires/openai.wire.js';
export type { WireFormat } from './wires/wire-format.js';
export { type TestDatabase, type TestDatabaseOptions, testDatabase } from './test-database.js';
export { RedisServer } from './redis-server.js';
export { type TestApp, type TestAppOptions, startTestApp } from './test-app.js';
export { testTenant } from './test-tenant.js';
export {
  TEST_API_KEY,
  type TestClient,
  type TestRequest,
  type TestResponse,
  type TestTenant,
  newTenant,
  testClient,
} from './test-client.js';
export {
  type ServerProcess,
  type ServerProcessOptions,
  freePort,
  spawnServerProcess,
  startServerProcess,
} from './server-process.js';
