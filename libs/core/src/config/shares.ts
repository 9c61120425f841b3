/** The numbers of a setting like `cost=0.7,speed=0.3`; NaN for what is none. */
export function sharesOf(text: string): Readonly<Record<string, number>> {
  const items = text.split(',').map((item) => item.split('=').map((part) => part.trim()));
  return Object.fromEntries(
    items.map(([name = '', value = '']) => [name, /^\d*\.?\d+$/.test(value) ? Number(value) : NaN]),
  );
}
