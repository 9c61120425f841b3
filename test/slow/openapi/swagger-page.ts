import type { Browser, Page } from 'playwright-core';

export interface Executed {
  readonly url: string;
  readonly status: number;
}

/** Swagger UI as a person uses it. */
export class SwaggerPage {
  /** What the console calls an error, what a script throws, and what does not load. */
  readonly faults: string[] = [];

  private constructor(private readonly page: Page) {
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(message.text());
    });
    page.on('pageerror', (error) => this.faults.push(String(error)));
    page.on('requestfailed', (request) => this.faults.push(`${request.url()}: ${request.failure()?.errorText}`));
  }

  static async open(browser: Browser, url: string): Promise<SwaggerPage> {
    const page = await browser.newPage();
    page.setDefaultTimeout(120_000);
    const swagger = new SwaggerPage(page);
    await page.goto(url);
    await page.locator('.opblock-tag').first().waitFor();
    return swagger;
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.locator('.opblock-tag').first().waitFor();
  }

  operationsShown(): Promise<number> {
    return this.page.locator('.opblock').count();
  }

  /** Returns what the dialog says of keys. */
  async authorize(key: string): Promise<string> {
    await this.page.locator('.auth-wrapper .authorize').first().click();
    const dialog = this.page.locator('.modal-ux');
    const words = await dialog.innerText();
    await dialog.locator('input').fill(key);
    await dialog.locator('button[type=submit]').click();
    await dialog.locator('.btn-done').click();
    return words;
  }

  async execute(tag: string, operationId: string): Promise<Executed> {
    const operation = this.page.locator(`#operations-${tag}-${operationId}`);
    if ((await operation.count()) === 0) await this.page.locator(`#operations-tag-${tag}`).click();
    await operation.locator('.opblock-summary-control').click();
    await operation.locator('.try-out__btn').click();
    await operation.locator('.execute').click();
    const answer = operation.locator('.live-responses-table .response .response-col_status').first();
    await answer.waitFor();
    const url = await operation.locator('.request-url pre').innerText();
    return { url, status: Number.parseInt(await answer.innerText()) };
  }
}
