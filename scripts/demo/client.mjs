// The development key of .env.development; production refuses it.
const KEY = 'gh_dev_local';

/** A REST consumer like any other: nothing here knows more than the HTTP contract. */
export class Client {
  constructor(url) {
    this.url = url;
  }

  async get(path) {
    return this.#data(await this.#send('GET', path));
  }

  async post(path, body, headers = {}) {
    return this.#data(await this.#send('POST', path, body, headers));
  }

  /** Starts a run and yields its events as they come. */
  async *stream(path, body) {
    const answer = await this.#send('POST', path, body, { accept: 'text/event-stream' });
    if (!answer.ok) await this.#data(answer);
    let pending = '';
    for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
      pending += text;
      const frames = pending.split('\n\n');
      pending = frames.pop();
      for (const frame of frames) {
        const data = frame.split('\n').filter((line) => line.startsWith('data:'));
        if (data.length > 0) yield JSON.parse(data.map((line) => line.slice(5).trimStart()).join('\n'));
      }
    }
  }

  #send(method, path, body, headers = {}) {
    return fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${KEY}`, ...(body && { 'content-type': 'application/json' }), ...headers },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
  }

  async #data(answer) {
    const body = await answer.json();
    if (body.success) return body.data;
    throw new Error(`${new URL(answer.url).pathname} answered ${answer.status}: ${JSON.stringify(body.error)}`);
  }
}
