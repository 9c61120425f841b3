import { Injectable } from '@nestjs/common';
import { Settings } from '../../config/settings.js';
import { MemoryGuard } from '../../lifecycle/memory-guard.js';
import { BodyRoom } from './body-room.js';
import { OpenAnswers } from './open-answers.js';
import { Shares } from './shares.js';

/** What this process has to give to requests. Nobody gets all of it (`Shares`), waiting and arriving cost no slot. */
@Injectable()
export class Admission {
  /** For requests that are worked on: from the last byte of the body to the answer, or until it only waits. */
  readonly slots: Shares;
  readonly answers: OpenAnswers;
  /** Shared by addresses: whose they are is not known yet. */
  readonly connections: Shares;
  readonly bodies: BodyRoom;

  constructor(
    settings: Settings,
    /** Where it is short, no request is begun. */
    readonly memory: MemoryGuard,
  ) {
    const { MAX_CONCURRENT_REQUESTS, MAX_OPEN_ANSWERS, MAX_STREAMS_PER_KEY, MAX_WAITS_PER_KEY } = settings;
    this.bodies = new BodyRoom(settings.UPLOAD_ROOM * 1024 * 1024);
    this.connections = new Shares(settings.MAX_CONNECTIONS);
    this.slots = new Shares(MAX_CONCURRENT_REQUESTS);
    this.answers = new OpenAnswers(MAX_OPEN_ANSWERS, { stream: MAX_STREAMS_PER_KEY, wait: MAX_WAITS_PER_KEY });
  }
}
