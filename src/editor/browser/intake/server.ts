/** Asks the server side of the forms of intakes; src/editor/intake answers. Rejects with its sentence, '' where it has none. */
export function ask<T>(path: string, settings: JQuery.AjaxSettings): Promise<T> {
  return new Promise((resolve, reject) => {
    $.ajax({
      url: `waybill-editor/${path}`, dataType: 'json', timeout: 10_000, ...settings,
      success: (answer: T) => { resolve(answer); },
      error: (xhr) => {
        const said = (xhr.responseJSON as { message?: unknown } | undefined)?.message;
        reject(new Error(typeof said === 'string' ? said : ''));
      },
    });
  });
}

/** As {@link ask}, with a body. */
export function post<T>(path: string, body: object): Promise<T> {
  return ask<T>(path, { method: 'POST', contentType: 'application/json', data: JSON.stringify(body) });
}
