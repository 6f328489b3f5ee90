/** The small parts that editors of cards, such as the approval matrix, are built of. */

/** A field below its name; tells every change at once. */
export function field(name: string, input: JQuery, size: 'wide' | 'slim' | '' = ''): JQuery {
  return $('<label>').addClass(`waybill-mx-cell ${size === '' ? '' : `waybill-mx-${size}`}`).append($('<span>').text(name), input);
}

/** Two inputs that say one thing together, below its name; the second is named for who does not see that. */
export function pair(name: string, first: JQuery, second: JQuery, secondName: string): JQuery {
  const label = $('<label>').append($('<span>').text(name), first);
  return $('<span class="waybill-mx-cell waybill-mx-pair">').append(label, second.attr('aria-label', secondName));
}

export function textInput(value: string, changed: (text: string) => void, placeholder = ''): JQuery {
  const input = $('<input type="text">').val(value).attr('placeholder', placeholder);
  return input.on('input change', () => { changed(String(input.val() ?? '').trim()); });
}

/** A number as it is typed; what is none stays text, for the check to name. */
export function numberInput(value: number, changed: (value: number) => void): JQuery {
  const input = $('<input type="number" min="0" step="any">').val(Number.isFinite(value) ? String(value) : '');
  return input.on('input change', () => {
    const text = String(input.val() ?? '').trim();
    changed(text === '' ? 0 : Number(text));
  });
}

export function choice(options: readonly (readonly [value: string, name: string])[], value: string, changed: (value: string) => void): JQuery {
  const select = $('<select>');
  for (const [each, name] of options) $('<option>').val(each).text(name).appendTo(select);
  return select.val(value).on('change', () => { changed(String(select.val())); });
}

export function tick(name: string, value: boolean, changed: (value: boolean) => void): JQuery {
  const box = $('<input type="checkbox">').prop('checked', value);
  box.on('change', () => { changed(box.prop('checked') === true); });
  return $('<label class="waybill-mx-tick">').append(box, $('<span>').text(name));
}

/** A button with a picture; `name` is read out and shown as its tip. */
export function tool(icon: string, name: string, act: () => void, disabled = false): JQuery {
  return $('<button type="button" class="red-ui-button red-ui-button-small">').attr({ 'aria-label': name, title: name }).prop('disabled', disabled)
    .append($('<i aria-hidden="true">').addClass(`fa ${icon}`)).on('click', act);
}

export function button(icon: string, name: string, act: () => void): JQuery {
  return $('<button type="button" class="red-ui-button red-ui-button-small">').append($('<i aria-hidden="true">').addClass(`fa ${icon}`), document.createTextNode(` ${name}`)).on('click', act);
}

/** A list of facts; those that are blank are left out. */
export function facts(entries: readonly (readonly [label: string, value: string | JQuery])[]): JQuery {
  return $('<dl class="waybill-facts">').append(entries.filter(([, value]) => value !== '').flatMap(([label, value]) => [
    $('<dt>').text(label), typeof value === 'string' ? $('<dd>').text(value) : $('<dd>').append(value),
  ]));
}

/** Puts the entry at `from` one place up or down. */
export function move<T>(list: T[], from: number, by: -1 | 1): void {
  const [entry] = list.splice(from, 1);
  if (entry !== undefined) list.splice(from + by, 0, entry);
}
