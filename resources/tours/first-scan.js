/**
 * The tour of the Waybill sidebar: from the palette through a scan to the inbox. Node-RED's tour guide imports it
 * (RED.tourGuide.run); texts are those of the sidebar's catalogue, so it speaks the editor's language.
 */
/* global RED, $ */

const EXAMPLE = 'library/examples/flows/@waybill/node-red/00-first-scan';
const STEPS = { open: 'first-scan-open', decide: 'first-scan-decide' };

const text = (key) => RED._(`@waybill/node-red/sidebar:tour.${key}`);

function nodeOf(stepId) {
  let found;
  RED.nodes.eachNode((node) => {
    if (node.stepId === stepId && node.d !== true) {
      found = node;
    }
  });
  return found;
}

/** The node that stands in for a scanner: whatever is wired to the first step. */
function scannerOf(open) {
  return RED.nodes.filterLinks({ target: open })[0]?.source;
}

function siteOf() {
  let found;
  RED.nodes.eachConfig((node) => {
    if (node.type === 'waybill-site') {
      found ??= node;
    }
  });
  return found;
}

/** Brings the example in as a flow of its own; a site that is there is taken up instead of a second one. */
function bringIn(done) {
  $.ajax({ url: EXAMPLE, dataType: 'text' }).then(
    (flow) => {
      const site = siteOf();
      const nodes = JSON.parse(flow)
        .filter(({ type }) => site === undefined || type !== 'waybill-site')
        .map((node) => (site !== undefined && node.site !== undefined ? { ...node, site: site.id } : node));
      RED.view.importNodes(nodes, { generateIds: true, addFlow: false, touchImport: true, notify: false });
      done();
    },
    () => {
      done();
    },
  );
}

/** What a step points at; when it is not there, the step says so over the whole editor. */
const whole = () => $('.red-ui-editor').first();
const orWhole = (element) => (element !== undefined && element.length > 0 ? element : whole());
const domOf = (node) => (node === undefined ? undefined : $(document.getElementById(node.id)));

/** Laying out and scrolling take a moment; the guide measures the target once. */
const afterwards = (done) => setTimeout(done, 400);

/** The part of the scanner's button that takes the click. */
const scanButton = () => domOf(scannerOf(nodeOf(STEPS.open))).find('.red-ui-flow-node-button-button');

/** For the keyboard: a button in the guide that presses the one of the node. */
function press() {
  scanButton()[0]?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
}

function shade(pointerEvents) {
  $('.red-ui-tourGuide-shade, .red-ui-tourGuide-shade-focus').css('pointer-events', pointerEvents);
}

const mayChange = () => RED.user.hasPermission('flows.write');

export default {
  steps: [
    {
      titleIcon: 'fa fa-archive',
      get title() {
        return text('welcome.title');
      },
      get description() {
        return text('welcome.text');
      },
    },
    {
      prepare(done) {
        RED.sidebar.show('palette');
        const category = $('#red-ui-palette-container-waybill');
        if (!category.hasClass('red-ui-palette-open')) {
          $('#red-ui-palette-header-waybill').trigger('click');
        }
        category[0]?.scrollIntoView({ block: 'nearest' });
        afterwards(done);
      },
      element: () => orWhole($('#red-ui-palette-container-waybill')),
      direction: 'right',
      get title() {
        return text('palette.title');
      },
      get description() {
        return text('palette.text');
      },
    },
    {
      prepare(done) {
        this.there = nodeOf(STEPS.open) !== undefined;
        const show = () => {
          const node = nodeOf(STEPS.open);
          if (node !== undefined) {
            RED.workspaces.show(node.z);
          }
          afterwards(done);
        };
        if (this.there || !mayChange()) {
          show();
        } else {
          bringIn(show);
        }
      },
      element() {
        const open = nodeOf(STEPS.open);
        // The guide reads title and description after the target, as plain properties of the step.
        const known = this.there ? 'flowThere' : 'flow';
        current.flow = open !== undefined ? known : mayChange() ? 'broken' : 'readOnly';
        return orWhole(domOf(open));
      },
      direction: 'bottom',
      get title() {
        return text(`${current.flow === 'readOnly' ? 'broken' : current.flow}.title`);
      },
      get description() {
        return text(current.flow === 'readOnly' ? 'readOnly' : `${current.flow}.text`);
      },
    },
    {
      element: () => orWhole(domOf(nodeOf(STEPS.decide))),
      direction: 'bottom',
      get title() {
        return text(nodeOf(STEPS.decide) === undefined ? 'broken.title' : 'approval.title');
      },
      get description() {
        return text(nodeOf(STEPS.decide) === undefined ? 'broken.text' : 'approval.text');
      },
    },
    // Two ways of one step: the guide asks for `wait` after `element`.
    {
      prepare() {
        current.dirty = RED.nodes.dirty();
      },
      element: () => orWhole($('#red-ui-header-button-deploy')),
      direction: 'bottom',
      get title() {
        return text(current.dirty ? 'deploy.title' : 'deployed.title');
      },
      get description() {
        return text(current.dirty ? 'deploy.text' : 'deployed.text');
      },
      get wait() {
        return current.dirty ? { type: 'nr-event', event: 'deploy' } : undefined;
      },
    },
    {
      prepare(done) {
        const open = nodeOf(STEPS.open);
        if (open !== undefined) {
          RED.workspaces.show(open.z);
        }
        // The node is drawn below the guide's shade: let the pointer through to it.
        shade('none');
        $(document).off('click.waybill-tour').on('click.waybill-tour', '.waybill-tour-press', press);
        setTimeout(done, 1_000);
      },
      complete() {
        shade('');
        $(document).off('click.waybill-tour');
      },
      element() {
        const open = nodeOf(STEPS.open);
        const scanner = open === undefined ? undefined : domOf(scannerOf(open));
        const button = scanner?.find('.red-ui-flow-node-button');
        current.scan = button !== undefined && button.length > 0;
        return orWhole(current.scan ? button : undefined);
      },
      direction: 'bottom',
      get title() {
        return text(current.scan ? 'scan.title' : 'broken.title');
      },
      get description() {
        return current.scan
          ? `${text('scan.text')}<p style="margin: 10px 0 0"><button type="button" class="red-ui-button waybill-tour-press">${text('scan.press')}</button></p>`
          : text('broken.text');
      },
      get interactive() {
        return current.scan;
      },
      get wait() {
        return current.scan ? { type: 'dom-event', event: 'click', element: scanButton } : undefined;
      },
    },
    {
      prepare(done) {
        const decide = nodeOf(STEPS.decide);
        if (decide !== undefined) {
          RED.view.select({ nodes: [decide] });
        }
        RED.sidebar.show('waybill-here');
        setTimeout(done, 1_500);
      },
      element: () => orWhole(domOf(nodeOf(STEPS.decide))),
      direction: 'bottom',
      get title() {
        return text('rests.title');
      },
      get description() {
        return text('rests.text');
      },
    },
    {
      element: () => orWhole($('.waybill-here a[href]').first()),
      direction: 'left',
      get title() {
        return text('inbox.title');
      },
      get description() {
        return text('inbox.text');
      },
    },
  ],
};

const current = { flow: 'flow', dirty: false, scan: false };
