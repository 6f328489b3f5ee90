/** Style of the table; colours are the editor's own variables, so that its themes fit. */
export const TABLE_STYLES = `
.waybill-table-scroll { overflow-x: auto; border: 1px solid var(--red-ui-form-input-border-color); border-radius: 4px; margin: 8px 0; }
.waybill-decision { border-collapse: collapse; width: 100%; }
.waybill-decision th, .waybill-decision td { border: 1px solid var(--red-ui-secondary-border-color); padding: 0; font-weight: normal; text-align: left; }
.waybill-decision tr > :first-child { border-left: 0; }
.waybill-decision th { background: var(--red-ui-secondary-background); }
.waybill-decision thead th { padding: 4px 8px; font-size: 12px; white-space: nowrap; }
.waybill-decision thead .waybill-when, .waybill-decision thead .waybill-then { padding: 0; }
.waybill-decision td.waybill-then, .waybill-decision th.waybill-then { background: var(--red-ui-tertiary-background); }
.waybill-decision .waybill-rule-no { position: sticky; left: 0; z-index: 1; width: 28px; padding: 0 6px; text-align: center; color: var(--red-ui-secondary-text-color); font-size: 12px; }
.waybill-decision input[type="text"] { border: 0; border-radius: 0; width: 100%; min-width: 96px; field-sizing: content; box-sizing: border-box; margin: 0; height: 32px; background: transparent; box-shadow: none; font-family: var(--red-ui-monospace-font); font-size: 12px; }
.waybill-decision input[type="text"]:focus { outline: 2px solid var(--red-ui-form-input-focus-color); outline-offset: -2px; }
.waybill-decision input.input-error { outline: 2px solid var(--red-ui-form-input-border-error-color); outline-offset: -2px; }
.waybill-decision input:disabled { color: var(--red-ui-secondary-text-color); cursor: not-allowed; }
.waybill-column { display: flex; gap: 6px; justify-content: space-between; align-items: center; width: 100%; min-height: 30px; padding: 4px 8px; border: 0; background: transparent; color: var(--red-ui-primary-text-color); font-size: 12px; font-weight: 600; cursor: pointer; white-space: nowrap; }
.waybill-column:hover, .waybill-column[aria-expanded="true"] { background: var(--red-ui-secondary-background-hover, rgba(128, 128, 128, .15)); }
.waybill-column:focus-visible { outline: 2px solid var(--red-ui-form-input-focus-color); outline-offset: -2px; }
.waybill-row-tools { white-space: nowrap; padding: 0 4px !important; }
.waybill-tool { min-width: 26px; padding: 0 5px !important; margin: 0 1px; }
.waybill-tool:disabled { opacity: .4; }
.waybill-central th.waybill-rule-no { box-shadow: inset 3px 0 0 #DDA35A; }
.waybill-table-buttons { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
.waybill-table-buttons .waybill-hint { flex-basis: 100%; }
.waybill-policy-label { width: auto !important; margin: 0; }
.waybill-form .waybill-line select { max-width: 100%; }
.waybill-column-panel { border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px; padding: 10px; margin: 8px 0; background: var(--red-ui-secondary-background); }
.waybill-column-head { display: flex; gap: 4px; align-items: center; margin-bottom: 8px; }
.waybill-column-head b { flex: 1 1 auto; }
.waybill-column-line { display: flex; gap: 8px; align-items: center; margin-top: 6px; flex-wrap: wrap; }
.waybill-column-line > label { flex: 0 0 120px; width: 120px; margin: 0; }
.waybill-column-field { flex: 1 1 200px; min-width: 0; }
.waybill-column-field > input[type="text"], .waybill-column-field > select { width: 100%; box-sizing: border-box; margin: 0; }
.waybill-parameter { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; margin: 6px 0; }
.waybill-parameter input[type="text"], .waybill-parameter select { width: auto; margin: 0; box-sizing: border-box; flex: 1 1 80px; min-width: 64px; }
.waybill-parameter select { flex: 0 1 auto; min-width: 96px; }
.waybill-findings { margin: 8px 0; font-size: 12px; line-height: 1.5; overflow-wrap: anywhere; }
.waybill-finding-error { color: var(--red-ui-text-color-error, #ad1625); }
.waybill-finding-warning { color: var(--red-ui-primary-text-color); }
.waybill-finding-warning .fa { color: #a66a00; }
.waybill-good { color: var(--red-ui-text-color-success, #2b6b35); }
.waybill-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;
