import { Inject, Injectable } from '@nestjs/common';
import type { ModelGateway, ModelReply, ModelRequest, ModelSignal, RequestContext } from '@guildhall/sdk';
import { CLOCK, type Clock } from '../clock.js';
import { Routes } from './route.js';
import { RoutedCall } from './routed-call.js';

const ignore = (): void => undefined;

/** The one way to a model: finds who may answer and asks until one does. */
@Injectable()
export class ModelRouter implements ModelGateway {
  constructor(
    private readonly routes: Routes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async generate(
    ctx: RequestContext,
    request: ModelRequest,
    onSignal: (signal: ModelSignal) => void = ignore,
    { stream = onSignal !== ignore }: { readonly stream?: boolean } = {},
  ): Promise<ModelReply> {
    const route = await this.routes.resolve(ctx, request.model);
    return new RoutedCall(ctx, request, this.clock, onSignal, stream).run(route);
  }
}
