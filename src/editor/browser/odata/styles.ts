/** Style of the OData browser. Colours are the editor's own variables, so that they fit its themes. */
export const ODATA_STYLES = `
.waybill-odata { container-type: inline-size; font-size: 13px; padding: 16px min(20px, 3vw); box-sizing: border-box; max-width: calc(100vw - 30px); }
.waybill-odata-head { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(190px, 100%), 1fr)); gap: 8px 10px; align-items: end; }
.waybill-form .waybill-odata label.waybill-odata-cell { display: block; width: auto; margin: 0; min-width: 0; }
.waybill-odata-cell > span { display: block; font-size: 12px; line-height: 1.5; color: var(--red-ui-secondary-text-color); }
.waybill-form .waybill-odata-cell > input, .waybill-form .waybill-odata-cell > select { width: 100%; box-sizing: border-box; min-width: 0; margin: 0; }
.waybill-odata-panes { display: grid; grid-template-columns: minmax(0, 1fr); gap: 12px; margin-top: 10px; }
.waybill-odata-find { display: flex; gap: 6px; flex-wrap: wrap; margin-bottom: 6px; }
.waybill-form .waybill-odata-find input { flex: 2 1 150px; min-width: 0; width: auto; box-sizing: border-box; margin: 0; }
.waybill-form .waybill-odata-find select { flex: 1 1 100px; min-width: 0; width: auto; margin: 0; }
.waybill-form .waybill-odata .waybill-odata-list { list-style: none; margin: 0; padding: 2px; max-height: 260px; overflow-y: auto; border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px; font-size: 12px; outline: none; }
.waybill-odata-list:focus-visible { box-shadow: 0 0 0 2px var(--red-ui-form-input-focus-color, #5a8); }
.waybill-odata-list > li { padding: 4px 8px; border-radius: 3px; cursor: pointer; overflow-wrap: anywhere; min-height: 22px; }
.waybill-odata-list > li > span { color: var(--red-ui-secondary-text-color); margin-left: 6px; }
.waybill-odata-list > li:hover { background: var(--red-ui-list-item-background-hover); }
.waybill-odata-list > li[aria-selected="true"] { background: var(--red-ui-list-item-background-selected, var(--red-ui-list-item-background-hover)); box-shadow: inset 3px 0 0 #5a8; }
.waybill-odata-operation { min-width: 0; }
.waybill-odata-operation h4 { margin: 0 0 4px; font-size: 14px; overflow-wrap: anywhere; }
.waybill-odata-operation h5 { margin: 12px 0 4px; font-size: 12px; font-weight: 600; }
.waybill-odata-table { max-height: 280px; overflow: auto; border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px; }
.waybill-odata-table table { width: 100%; border-collapse: collapse; font-size: 12px; }
.waybill-odata-table th, .waybill-odata-table td { text-align: left; vertical-align: top; padding: 3px 8px; font-weight: normal; overflow-wrap: anywhere; }
.waybill-odata-table th { position: sticky; top: 0; background: var(--red-ui-secondary-background); font-weight: 600; }
.waybill-odata-table tr + tr td { border-top: 1px solid var(--red-ui-secondary-border-color); }
.waybill-form .waybill-odata-table label, .waybill-form .waybill-odata-ticks label { display: flex; gap: 6px; align-items: flex-start; width: auto; margin: 0; font-size: 12px; cursor: pointer; }
.waybill-form .waybill-odata input[type="checkbox"] { width: auto; margin: 2px 0 0; flex: none; }
.waybill-odata-ticks { display: flex; flex-wrap: wrap; gap: 4px 14px; }
.waybill-odata-key { color: #3a8a63; font-weight: 600; }
.waybill-odata-row { display: flex; flex-wrap: wrap; gap: 6px; margin-bottom: 6px; align-items: center; }
.waybill-form .waybill-odata-row > input, .waybill-form .waybill-odata-row > select { flex: 1 1 110px; min-width: 0; width: auto; box-sizing: border-box; margin: 0; }
.waybill-form .waybill-odata .waybill-odata-chosen { list-style: none; margin: 6px 0; padding: 0; }
.waybill-form .waybill-odata-row > button.red-ui-button-small { height: 34px; padding: 0 10px; }
.waybill-odata-chosen > li { display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: center; padding: 4px 0; border-top: 1px solid var(--red-ui-secondary-border-color); }
.waybill-odata-chosen > li > code { flex: 1 1 200px; min-width: 0; background: none; border: 0; color: inherit; padding: 0; white-space: normal; overflow-wrap: anywhere; font-size: 11px; }
.waybill-form .waybill-odata pre { max-height: 260px; overflow: auto; font-size: 11px; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--red-ui-secondary-background); color: inherit; border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px; padding: 8px; }
.waybill-odata-notes { margin: 6px 0 6px 18px; font-size: 12px; line-height: 1.5; overflow-wrap: anywhere; }
.waybill-odata .waybill-wrong:empty { display: none; }
.waybill-odata .waybill-hint code { background: none; border: 0; color: inherit; padding: 0; font-size: 11px; overflow-wrap: anywhere; white-space: normal; }
@container (min-width: 720px) { .waybill-odata-panes { grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); } .waybill-form .waybill-odata .waybill-odata-list { max-height: 460px; } }
@container (max-width: 420px) { .waybill-odata-label { display: none; } }
`;
