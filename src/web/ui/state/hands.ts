/** When a person last touched, pointed, scrolled or typed. */
let last = Number.NEGATIVE_INFINITY;
let down = false;

/** A hand that is about to press something needs it to stay where it is. */
const AT_WORK_MS = 800;
const AT_TOP_PX = 80;

const note = (): void => { last = performance.now(); };
for (const name of ['pointermove', 'wheel', 'keydown', 'scroll', 'touchmove']) addEventListener(name, note, { passive: true, capture: true });
addEventListener('pointerdown', () => { down = true; note(); }, { passive: true, capture: true });
for (const name of ['pointerup', 'pointercancel', 'blur']) addEventListener(name, () => { down = false; }, { passive: true, capture: true });

/** Whether things on the page should stay where they are: somebody is at it just now, or has scrolled down to read. */
export function handsAtWork(): boolean {
  return down || scrollY > AT_TOP_PX || performance.now() - last < AT_WORK_MS;
}
