/** Pixels of one sixteenth of a rem: 1 as a rule, more where the reader or a large screen asks for larger text. Drawings are measured in it. */
export function unitPixels(): number {
  const size = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Number.isFinite(size) && size > 0 ? size / 16 : 1;
}
