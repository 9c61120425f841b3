export { FakeModel } from './fake-model.js';
export type { FakeModelRequest, FakeReply, FakeScript, FakeToolCall, FakeUsage } from './fake-model-script.js';
