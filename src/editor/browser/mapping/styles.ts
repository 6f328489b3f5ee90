/** Style of the mapping form. Colours are the editor's own variables, so that they fit its themes. */
export const MAPPING_STYLES = `
.waybill-map-tray { padding: 16px min(20px, 3vw); box-sizing: border-box; max-width: calc(100vw - 30px); }
.waybill-map { container-type: inline-size; font-size: 13px; }
.waybill-form .waybill-map button.red-ui-button-small { min-height: 28px; }
.waybill-map-status { display: flex; flex-wrap: wrap; gap: 4px 14px; margin-bottom: 8px; min-height: 20px; }
.waybill-map .waybill-wrong:empty { display: none; }
.waybill-map-bad { color: var(--red-ui-text-color-error, #ad1625); }
.waybill-map-ok { color: #3a8a63; font-weight: 600; }
.waybill-map-warning { color: #a87400; }
.waybill-map-suggest { display: flex; flex-direction: column; gap: 6px; margin-bottom: 10px; align-items: flex-start; }
.waybill-map-suggest:empty { display: none; }
.waybill-map-suggest .waybill-hint { margin: 0; }
.waybill-map-lost { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; font-size: 12px; }
.waybill-map-panes { display: grid; grid-template-columns: minmax(0, 1fr); grid-template-areas: "target" "rule" "source"; gap: 12px; }
.waybill-map-source { grid-area: source; }
.waybill-map-target { grid-area: target; }
.waybill-map-rule { grid-area: rule; min-width: 0; }
.waybill-map-column { min-width: 0; }
.waybill-map-column-head { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 10px; margin-bottom: 6px; }
.waybill-map-column-head select { flex: 1 1 160px; min-width: 0; width: auto; }
.waybill-map-find { display: flex; flex-wrap: wrap; gap: 6px; margin-bottom: 6px; }
.waybill-form .waybill-map-find .waybill-map-search { flex: 2 1 140px; width: auto; min-width: 0; box-sizing: border-box; }
.waybill-map-find select { flex: 1 1 120px; min-width: 0; width: auto; }
.waybill-form .waybill-map-conversion .waybill-mx-line { align-items: flex-start; }
.waybill-form .waybill-map-tree .waybill-tree { max-height: 260px; min-height: 80px; }
.waybill-form .waybill-map-tree .waybill-tree-line { min-height: 28px; flex-wrap: wrap; padding-bottom: 1px; }
.waybill-map-required { color: var(--red-ui-text-color-error, #ad1625); font-weight: 600; }
.waybill-map-end { flex: 1 1 40px; min-width: 0; display: flex; align-items: center; justify-content: flex-end; gap: 6px; margin-left: auto; }
.waybill-map-from { color: var(--red-ui-secondary-text-color); font-size: 11px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 220px; }
.waybill-form .waybill-map-end .waybill-map-use { flex: none; max-width: 100%; overflow: hidden; text-overflow: ellipsis; }
.waybill-form .waybill-map-rule { border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px; padding: 10px 12px; margin: 0; box-sizing: border-box; }
.waybill-form .waybill-map-rule .waybill-mx-empty { margin: 0; border: 0; padding: 4px; }
.waybill-map-rule-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 10px; }
.waybill-form .waybill-map-rule-head code { font-size: 12px; font-weight: 600; background: none; border: 0; padding: 0; color: inherit; overflow-wrap: anywhere; white-space: normal; }
.waybill-map-kinds { display: flex; flex-wrap: wrap; gap: 4px; margin: 10px 0; }
.waybill-form .waybill-map-kinds button.red-ui-button-small { height: 30px; line-height: 28px; padding: 0 10px; }
.waybill-form .waybill-map-kinds button[aria-pressed="true"] { background: var(--red-ui-workspace-button-background-active, var(--red-ui-list-item-background-selected)); box-shadow: inset 0 -3px 0 #5a8; font-weight: 600; }
.waybill-map-value { margin-bottom: 8px; }
.waybill-map-value > input, .waybill-map-value > select { width: 100%; box-sizing: border-box; }
.waybill-map-place { display: flex; flex-wrap: wrap; gap: 6px; flex: 1 1 160px; }
.waybill-map-place input { flex: 1 1 140px; min-width: 0; width: auto; }
.waybill-form .waybill-map-place button.red-ui-button-small { height: 34px; line-height: 32px; }
.waybill-map-conversion { border-left: 3px solid var(--red-ui-secondary-border-color); padding-left: 10px; margin: 8px 0; }
.waybill-map-conversion-head { display: flex; align-items: center; gap: 8px; }
.waybill-map-offered { display: contents; }
.waybill-map-operand { flex: 1 1 220px; min-width: 0; margin: 0; padding: 0; border: 0; display: flex; flex-wrap: wrap; gap: 4px; }
.waybill-form .waybill-map-operand legend { font-size: 12px; line-height: 1.5; color: var(--red-ui-secondary-text-color); margin: 0; border: 0; width: auto; padding: 0; }
.waybill-map-operand select { flex: 0 1 auto; width: auto; min-width: 0; max-width: 100%; }
.waybill-map-operand > input, .waybill-map-operand .waybill-map-offered input { flex: 1 1 100px; min-width: 0; width: auto; }
.waybill-map-add-conversion { width: auto; max-width: 100%; margin: 4px 0 10px; }
.waybill-form .waybill-map-result { max-height: 320px; overflow: auto; margin: 8px 0; font-size: 12px; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--red-ui-secondary-background); color: inherit; border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px; padding: 8px; }
.waybill-form .waybill-map-problems { list-style: none; margin: 6px 0; }
.waybill-form .waybill-map-problems > li { border-bottom: 1px solid var(--red-ui-secondary-border-color); }
.waybill-form .waybill-map-faults { font-size: 12px; color: var(--red-ui-text-color-error, #ad1625); overflow-wrap: anywhere; }
.waybill-map-explained { width: 100%; border-collapse: collapse; margin-top: 6px; }
.waybill-map-explained th, .waybill-map-explained td { text-align: left; vertical-align: top; padding: 2px 10px 2px 0; font-weight: normal; overflow-wrap: anywhere; }
.waybill-form .waybill-map-explained code { color: inherit; background: none; border: 0; padding: 0; font-size: 11px; white-space: normal; }
@container (min-width: 720px) {
  .waybill-map-panes { grid-template-columns: minmax(0, 1fr) minmax(0, 1.2fr); grid-template-areas: "source target" "rule rule"; }
  .waybill-form .waybill-map-tree .waybill-tree { max-height: 400px; }
}
@container (max-width: 420px) {
  .waybill-map-explained thead { display: none; }
  .waybill-map-explained td { display: block; }
}
`;
