/** Waits until it is so; fails after a while. */
export async function until(holds: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const last = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > last) throw new Error(`did not come true within ${ms} ms: ${holds.toString()}`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}
