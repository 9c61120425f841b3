export { FakeModel } from './fake-model.js';
export type { FakeModelRequest, FakeReply, FakeScript, FakeToolCall, FakeUsage } from './fake-model-script.js';
export { type TestDatabase, type TestDatabaseOptions, testDatabase } from './test-database.js';
