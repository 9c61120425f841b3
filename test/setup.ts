import 'reflect-metadata';
import { jest } from '@jest/globals';

// In ESM mode Jest does not put `jest` on the global object.
globalThis.jest = jest as never;
