/** Style of the sidebar: the editor's own variables, so that every theme fits; from 180 px of width. */
export const SIDEBAR_STYLES = `
.waybill-here { display: flex; flex-direction: column; height: 100%; background: var(--red-ui-secondary-background); color: var(--red-ui-primary-text-color); }
.waybill-here-body { flex: 1 1 auto; overflow: auto; min-height: 0; }
.waybill-here-first { flex: none; display: flex; flex-wrap: wrap; gap: 6px; padding: 8px 10px; border-top: 1px solid var(--red-ui-secondary-border-color); }
.waybill-here-first .red-ui-button { flex: 1 1 auto; text-align: center; }
.waybill-here-section { padding: 8px 10px 12px; border-bottom: 1px solid var(--red-ui-secondary-border-color); overflow-wrap: anywhere; }
.waybill-here-section h4 { margin: 0 0 6px; font-size: 12px; font-weight: 600; color: var(--red-ui-secondary-text-color); }
.waybill-here-line { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; margin: 0 0 6px; }
.waybill-here-name { flex: 1 1 auto; min-width: 0; }
.waybill-here-dim { color: var(--red-ui-secondary-text-color); }
.waybill-here-dot { width: 9px; height: 9px; border-radius: 50%; background: #c23b22; }
.waybill-here-dot.waybill-here-ready { background: #3a9a4b; }
.waybill-here-dot.waybill-here-opening { background: #d9a400; }
.waybill-here ul.waybill-here-counts { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0 14px; }
.waybill-here-counts li { display: flex; gap: 5px; line-height: 1.7; }
.waybill-here-state { flex: 1 1 auto; }
.waybill-here-head h4 { flex: 1 1 auto; margin: 0; }
.waybill-here ul.waybill-here-list { list-style: none; margin: 0; padding: 0; }
.waybill-here-row { display: block; box-sizing: border-box; width: 100%; padding: 6px 8px; margin: 0 0 4px; text-align: left; font: inherit; line-height: 1.35; color: inherit; background: var(--red-ui-primary-background); border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px; }
a.waybill-here-row, button.waybill-here-row { cursor: pointer; text-decoration: none; }
a.waybill-here-row:hover, button.waybill-here-row:hover { background: var(--red-ui-list-item-background-hover); color: inherit; text-decoration: none; }
.waybill-here a:focus-visible, .waybill-here button:focus-visible { outline: 2px solid var(--red-ui-text-color-link); outline-offset: 1px; }
.waybill-here-title { display: block; }
.waybill-here-row .waybill-here-dim { font-size: 12px; }
.waybill-here-summary { margin: 0 0 6px; }
.waybill-here-empty { margin: 0 0 6px; color: var(--red-ui-secondary-text-color); line-height: 1.45; }
.waybill-here-trouble { margin: 0 0 6px; padding: 6px 8px; line-height: 1.45; border-left: 3px solid #c23b22; background: var(--red-ui-primary-background); }
.waybill-here > .waybill-here-body > .waybill-here-trouble, .waybill-here > .waybill-here-body > .waybill-here-empty { margin: 10px; }
`;
