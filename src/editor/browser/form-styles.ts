/**
 * Style of our edit forms. Colours are the editor's own variables, so both themes fit. A label stands
 * beside its field, and above it when the tray is narrow (container query, not a media query: what
 * counts is the tray, not the window). Node-RED's tray never is less than 460 px wide and hides what of it is outside of a narrow
 * window; our part of it stays inside.
 */
export const FORM_STYLES = `
.waybill-form { container-type: inline-size; max-width: calc(100vw - 62px); }
.waybill-form .form-row { display: flex; align-items: flex-start; gap: 8px; margin-bottom: 12px; }
.waybill-form .form-row > label { flex: 0 0 142px; width: 142px; margin: 0; padding-top: 7px; line-height: 20px; }
.waybill-form .form-row > label i { width: 16px; text-align: center; margin-right: 2px; }
.waybill-form .waybill-field { flex: 1 1 auto; min-width: 0; }
.waybill-form .waybill-field > input[type="text"],
.waybill-form .waybill-field > input[type="password"],
.waybill-form .waybill-field > select { width: 100%; box-sizing: border-box; }
.waybill-form .waybill-field select { min-width: 0; }
.waybill-form .waybill-field > input[type="checkbox"] { display: block; width: auto; margin: 9px 0 0; }
.waybill-form .waybill-line { display: flex; align-items: center; gap: 8px; flex-wrap: wrap; }
.waybill-form .waybill-line input[type="number"] { width: 96px; box-sizing: border-box; }
.waybill-form .waybill-line select { width: auto; min-width: 96px; }
.waybill-form .waybill-unit { color: var(--red-ui-secondary-text-color); white-space: nowrap; }
.waybill-form .waybill-hint { color: var(--red-ui-secondary-text-color); font-size: 12px; line-height: 1.4; margin-top: 4px; overflow-wrap: anywhere; }
.waybill-form .waybill-hint code { font-size: 11px; padding: 0 1px; white-space: normal; }
.waybill-form .waybill-wrong { color: var(--red-ui-text-color-error, #ad1625); font-size: 12px; line-height: 1.4; margin-top: 4px; overflow-wrap: anywhere; }
.waybill-form .waybill-check { display: flex; align-items: flex-start; gap: 8px; padding-top: 6px; }
.waybill-form .waybill-check input[type="checkbox"] { flex: none; width: auto; margin: 2px 0 0; }
.waybill-form .waybill-check label { width: auto; margin: 0; cursor: pointer; }
.waybill-form .waybill-section { font-size: 13px; font-weight: 600; margin: 20px 0 10px; padding-bottom: 4px; border-bottom: 1px solid var(--red-ui-secondary-border-color); color: var(--red-ui-primary-text-color); }
.waybill-form .waybill-section:first-child { margin-top: 0; }
.waybill-form .waybill-json { height: 220px; min-height: 120px; border: 1px solid var(--red-ui-form-input-border-color); border-radius: 4px; overflow: hidden; }
.waybill-form .waybill-json.input-error { border-color: var(--red-ui-form-input-border-error-color); }
.waybill-form .red-ui-editableList { width: 100%; }
.waybill-pair { display: flex; align-items: center; gap: 6px; }
.waybill-pair .waybill-pair-name { flex: 0 1 44%; width: 44%; min-width: 0; box-sizing: border-box; }
.waybill-pair .waybill-pair-cell { flex: 1 1 auto; min-width: 0; }
.waybill-form .waybill-day label { flex: 0 0 104px; width: 104px; margin: 0; }
.waybill-form .waybill-hint + div > .waybill-day:first-child { margin-top: 10px; }
.waybill-form .waybill-day { margin-bottom: 6px; flex-wrap: nowrap; }
.waybill-form .waybill-day input { flex: 1 1 auto; min-width: 0; box-sizing: border-box; }
.waybill-form .waybill-week { width: 100%; border-collapse: collapse; font-size: 12px; }
.waybill-form .waybill-week th { text-align: left; font-weight: 600; white-space: nowrap; padding: 2px 12px 2px 0; }
.waybill-form .waybill-week td { padding: 2px 8px 2px 0; }
.waybill-form .waybill-week td:last-child { text-align: right; white-space: nowrap; color: var(--red-ui-secondary-text-color); }
.waybill-form .red-ui-editableList-container { height: auto !important; }
.waybill-dates { display: flex; flex-wrap: wrap; gap: 6px 10px; }
.waybill-dates label { flex: 1 1 104px; min-width: 0; margin: 0; font-size: 12px; color: var(--red-ui-secondary-text-color); }
.waybill-dates input { display: block; width: 100%; box-sizing: border-box; }
.waybill-form .waybill-packs .waybill-dates label { display: block; width: auto; flex: 2 1 140px; }
.waybill-form .waybill-packs .waybill-dates label:nth-child(even) { flex: 1 1 64px; }
.waybill-form .waybill-packs .waybill-dates input { display: block; width: 100%; font-size: 13px; }
.waybill-form .waybill-field .red-ui-editableList + .waybill-pasted { margin-top: 8px; }
.waybill-pair select { flex: 0 0 auto; width: auto; }
.waybill-pair .waybill-rule-cell { flex-basis: 104px; min-width: 104px; }
.waybill-pair .waybill-rule-match { width: 100%; box-sizing: border-box; }
.waybill-form .waybill-live { font-size: 12px; line-height: 1.5; margin-bottom: 6px; overflow-wrap: anywhere; }
.waybill-form .waybill-dot { display: inline-block; width: 9px; height: 9px; margin-right: 6px; border-radius: 50%; border: 1px solid #d9a400; }
.waybill-form .waybill-dot-connected { background: #5a8; border-color: #5a8; }
.waybill-form .waybill-dot-refused, .waybill-form .waybill-dot-disconnected, .waybill-form .waybill-dot-closed { border-color: #c00; }
.waybill-form .waybill-samples { list-style: none; margin: 0 0 10px; padding: 0; max-height: 190px; overflow-y: auto; border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px; }
.waybill-form .waybill-samples:empty { display: none; }
.waybill-form .waybill-samples > .waybill-hint { margin: 0; padding: 8px; }
.waybill-form .waybill-sample { display: block; width: 100%; padding: 6px 8px; border: 0; border-bottom: 1px solid var(--red-ui-secondary-border-color); background: none; color: inherit; font-size: 12px; line-height: 1.4; text-align: left; }
.waybill-form .waybill-sample:hover, .waybill-form .waybill-sample:focus-visible { background: var(--red-ui-list-item-background-hover); }
.waybill-form .waybill-sample > * { display: block; overflow-wrap: anywhere; white-space: normal; }
.waybill-form .waybill-sample-head { color: var(--red-ui-secondary-text-color); }
.waybill-form .waybill-pasted { width: 100%; box-sizing: border-box; margin-bottom: 6px; font-family: var(--red-ui-monospace-font); font-size: 12px; resize: vertical; }
.waybill-form .waybill-line > input[type="text"] { flex: 1 1 160px; min-width: 0; }
.waybill-form .waybill-samples code, .waybill-form .waybill-tried code { color: inherit; font-size: 11px; background: none; border: 0; padding: 0; }
.waybill-form .waybill-pasted + .waybill-line { margin-top: 8px; }
.waybill-form .waybill-try-buttons { margin: 8px 0; }
.waybill-form .waybill-tried-message { padding: 8px 0; border-top: 1px solid var(--red-ui-secondary-border-color); font-size: 12px; }
.waybill-form .waybill-tried-message > code { display: block; white-space: normal; overflow-wrap: anywhere; font-size: 11px; }
.waybill-form .waybill-good { margin-top: 4px; font-weight: 600; }
.waybill-form .waybill-facts { display: grid; grid-template-columns: max-content 1fr; gap: 2px 12px; margin: 4px 0 0; }
.waybill-form .waybill-facts dt { font-weight: normal; color: var(--red-ui-secondary-text-color); }
.waybill-form .waybill-facts dd { margin: 0; overflow-wrap: anywhere; }
@container (max-width: 420px) {
  .waybill-form .form-row { flex-direction: column; gap: 2px; }
  .waybill-form .form-row > label { flex: none; width: auto; padding-top: 0; }
  .waybill-form .form-row > label:empty { display: none; }
  .waybill-form .waybill-field { width: 100%; }
  .waybill-form .waybill-pair { flex-direction: column; align-items: stretch; }
  .waybill-form .waybill-pair .waybill-pair-name { width: 100%; flex: none; }
}
`;
