/** Style of the OPC UA widgets. Colours are the editor's own variables, so that they fit its themes. */
export const OPC_UA_STYLES = `
.waybill-form .waybill-offers { list-style: none; margin: 6px 0; padding: 0; border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px; max-height: 340px; overflow-y: auto; }
.waybill-form .waybill-offers:empty { display: none; }
.waybill-form .waybill-offers > li + li { border-top: 1px solid var(--red-ui-secondary-border-color); }
.waybill-form .waybill-offer { display: block; width: 100%; padding: 6px 8px; border: 0; background: none; color: inherit; font-size: 12px; line-height: 1.4; text-align: left; white-space: normal; overflow-wrap: anywhere; }
.waybill-form .waybill-offer > * { display: block; }
.waybill-form .waybill-offer > span { color: var(--red-ui-secondary-text-color); }
.waybill-form .waybill-offer:hover:not(:disabled), .waybill-form .waybill-offer:focus-visible { background: var(--red-ui-list-item-background-hover); }
.waybill-form .waybill-offer[aria-pressed="true"] { background: var(--red-ui-list-item-background-selected, var(--red-ui-list-item-background-hover)); box-shadow: inset 3px 0 0 #5a8; }
.waybill-form .waybill-offer:disabled { opacity: .65; }
.waybill-form .waybill-certificate { margin: 12px 0; padding: 10px 12px; border: 1px solid var(--red-ui-secondary-border-color); border-left-width: 4px; border-radius: 4px; font-size: 12px; line-height: 1.5; }
.waybill-form .waybill-certificate-trusted { border-left-color: #5a8; }
.waybill-form .waybill-certificate-refused { border-left-color: #d9a400; }
.waybill-form .waybill-certificate-head i { margin-right: 6px; }
.waybill-form .waybill-certificate-trusted .waybill-certificate-head i { color: #5a8; }
.waybill-form .waybill-certificate-refused .waybill-certificate-head i { color: #b08400; }
.waybill-form .waybill-certificate-problems { margin: 6px 0 0 18px; color: var(--red-ui-text-color-error, #ad1625); }
.waybill-form .waybill-certificate .waybill-facts { margin-top: 8px; }
.waybill-form .waybill-certificate code, .waybill-form .waybill-tag code, .waybill-form .waybill-own code { color: inherit; background: none; border: 0; padding: 0; font-size: 11px; white-space: normal; overflow-wrap: anywhere; }
.waybill-form .waybill-own { margin: 12px 0; font-size: 12px; }
.waybill-form .waybill-own > summary { cursor: pointer; font-size: 13px; }
.waybill-form .waybill-browser { container-type: inline-size; margin: 8px 0; padding: 8px; border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px; }
.waybill-form .waybill-browser-search { flex: 1 1 160px; min-width: 0; }
.waybill-form .waybill-browser-panes { display: grid; grid-template-columns: minmax(0, 1fr); gap: 10px; margin-top: 8px; }
.waybill-form .waybill-tree { list-style: none; margin: 0; padding: 2px; max-height: 320px; overflow: auto; border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px; font-size: 12px; }
.waybill-form .waybill-tree ul { list-style: none; margin: 0; padding: 0; }
.waybill-form .waybill-tree > .waybill-hint, .waybill-form .waybill-tree ul > .waybill-hint, .waybill-form .waybill-tree ul > .waybill-wrong { padding: 2px 8px 2px 24px; margin: 0; }
.waybill-form .waybill-tree-line { display: flex; align-items: center; gap: 4px; min-height: 26px; padding-right: 6px; border-radius: 3px; cursor: pointer; }
.waybill-form .waybill-tree-line:hover { background: var(--red-ui-list-item-background-hover); }
.waybill-form .waybill-tree [role=treeitem] { outline: none; }
.waybill-form .waybill-tree [role=treeitem][aria-selected="true"] > .waybill-tree-line { background: var(--red-ui-list-item-background-selected, var(--red-ui-list-item-background-hover)); }
.waybill-form .waybill-tree [role=treeitem]:focus-visible > .waybill-tree-line { box-shadow: inset 0 0 0 2px var(--red-ui-form-input-focus-color, #5a8); }
.waybill-form .waybill-tree-line > i { flex: none; width: 14px; text-align: center; color: var(--red-ui-secondary-text-color); }
.waybill-form .waybill-tree-chevron { transition: transform .1s; }
.waybill-form [aria-expanded="true"] > .waybill-tree-line > .waybill-tree-chevron { transform: rotate(90deg); }
.waybill-form .waybill-tree-name { flex: 0 1 auto; min-width: 40px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.waybill-form .waybill-tree-property { opacity: .7; font-style: italic; }
.waybill-form .waybill-tree-type { flex: none; color: var(--red-ui-secondary-text-color); font-size: 11px; }
.waybill-form .waybill-tree-value { flex: 1 1 20px; min-width: 0; max-width: 45%; margin-left: auto; text-align: right; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-variant-numeric: tabular-nums; }
.waybill-form .waybill-tree-bad { color: var(--red-ui-text-color-error, #ad1625); }
.waybill-form .waybill-tag { font-size: 12px; line-height: 1.5; min-width: 0; overflow-wrap: anywhere; }
.waybill-form .waybill-tag .waybill-good { margin-top: 0; }
.waybill-form .waybill-tag-field { flex-wrap: nowrap; }
.waybill-form .waybill-tag-field > input[type="text"] { flex: 1 1 160px; min-width: 0; }
.waybill-form .waybill-tag-field > button { flex: none; height: 34px; padding: 0 10px; }
@container (min-width: 640px) {
  .waybill-form .waybill-browser-panes { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); }
}
@container (max-width: 420px) {
  .waybill-form .waybill-tree-type { display: none; }
}
`;
