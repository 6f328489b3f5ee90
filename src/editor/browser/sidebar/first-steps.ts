import type { Texts } from '../texts.ts';

const PACKAGE = '@waybill/node-red';
const TOUR = `resources/${PACKAGE}/tours/first-scan.js`;

interface Tours {
  run(path: string, done: (error?: unknown) => void): void;
  load(path: string, done: (error: unknown) => void): void;
}

let touring = false;

/** Buttons below the sidebar: the tour, the examples, help about what is selected. */
export function firstSteps(box: JQuery, text: Texts): void {
  const add = (said: string, icon: string, press: () => void): void => {
    const made = $('<button type="button" class="red-ui-button red-ui-button-small">').appendTo(box);
    $('<i aria-hidden="true">').addClass(`fa ${icon}`).appendTo(made);
    made.append(document.createTextNode(` ${said}`)).on('click', press);
  };
  add(text('first.tour'), 'fa-play', () => {
    startTour(text);
  });
  add(text('first.examples'), 'fa-cubes', openExamples);
  add(text('first.help'), 'fa-book', openHelp);
}

function startTour(text: Texts): void {
  if (touring) {
    return;
  }
  const tours = (RED as unknown as { readonly tourGuide: Tours }).tourGuide;
  // The editor imports the tour from its own script's address, so it needs the whole address.
  const path = new URL(TOUR, document.baseURI).href;
  tours.load(path, (error) => {
    if (error !== null) {
      RED.notify(text('first.tourFailed'), 'error');
      return;
    }
    touring = true;
    tours.run(path, () => {
      touring = false;
    });
  });
}

/** Opens the import dialog at our examples: the dialog has no argument for that, so its entry is pressed once it is there. */
function openExamples(): void {
  RED.actions.invoke('core:show-examples-import-dialog');
  let looks = 0;
  const look = setInterval(() => {
    const entry = $('#red-ui-clipboard-dialog .red-ui-treeList-label').filter((_index, element) => $(element).text().trim() === PACKAGE);
    looks += 1;
    if (entry.length > 0 || looks > 20) {
      clearInterval(look);
      entry.first().trigger('click');
    }
  }, 100);
}

function openHelp(): void {
  const [node] = (RED.view.selection() as { readonly nodes?: readonly { readonly type: string }[] }).nodes ?? [];
  const type = node?.type.startsWith('waybill-') === true ? node.type : 'waybill-scan-in';
  (RED.sidebar as unknown as { readonly help: { show(type: string, bringToFront: boolean): void } }).help.show(type, true);
}
