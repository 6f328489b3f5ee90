/**
 * Draws a list of live rows anew under the hand of a person: while one of its rows is pressed it is left as it is, or the press would go
 * nowhere, and the focus stays on the row with the same `data-key`.
 *
 * @returns whether it was drawn; otherwise it is for the next answer
 */
export function drawSteadily(list: JQuery, draw: () => void): boolean {
  const [box] = list.get();
  if (box === undefined || box.querySelector(':active') !== null) return false;
  const { activeElement } = document;
  const key = activeElement instanceof HTMLElement && box.contains(activeElement) ? activeElement.dataset['key'] : undefined;
  draw();
  if (key !== undefined) list.find('[data-key]').filter((_index, element) => element.dataset['key'] === key).first().trigger('focus');
  return true;
}
