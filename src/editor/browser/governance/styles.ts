/** Style of the templates tab: the editor's own variables, so that every theme fits; from 180 px of width. */
export const GOVERNANCE_STYLES = `
.waybill-gov { display: flex; flex-direction: column; height: 100%; background: var(--red-ui-secondary-background); color: var(--red-ui-primary-text-color); }
.waybill-gov-segments { flex: none; display: flex; flex-wrap: wrap; gap: 0; padding: 6px 4px 0; border-bottom: 1px solid var(--red-ui-secondary-border-color); }
.waybill-gov-segments button { flex: 1 1 auto; padding: 5px 4px; border: 0; border-bottom: 2px solid transparent; background: none; font: inherit; font-size: 12px; color: var(--red-ui-secondary-text-color); cursor: pointer; white-space: nowrap; }
.waybill-gov-segments button:hover { color: var(--red-ui-primary-text-color); }
.waybill-gov-segments button[aria-selected="true"] { color: var(--red-ui-primary-text-color); border-bottom-color: var(--red-ui-text-color-link); font-weight: 600; }
.waybill-gov-number { display: inline-block; min-width: 14px; margin-left: 3px; padding: 0 3px; border-radius: 8px; box-sizing: border-box; font-size: 10px; line-height: 15px; text-align: center; color: #fff; background: #666f7a; }
.waybill-gov-number.waybill-gov-error { background: #b3261e; }
.waybill-gov-number.waybill-gov-warn { background: #8a5a00; }
.waybill-gov-body { flex: 1 1 auto; overflow: auto; min-height: 0; }
.waybill-gov-section { padding: 10px; border-bottom: 1px solid var(--red-ui-secondary-border-color); overflow-wrap: anywhere; }
.waybill-gov-section:last-child { border-bottom: 0; }
.waybill-gov-head { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; margin: 0 0 6px; }
.waybill-gov-head h4 { flex: 1 1 auto; margin: 0; font-size: 12px; font-weight: 600; color: var(--red-ui-secondary-text-color); }
.waybill-gov-family { margin: 12px 0 4px; font-size: 12px; font-weight: 600; color: var(--red-ui-secondary-text-color); }
.waybill-gov h5 { margin: 8px 0 4px; font-size: 12px; font-weight: 600; }
.waybill-gov ul.waybill-gov-list { list-style: none; margin: 0; padding: 0; }
.waybill-gov-item { margin: 0 0 5px; padding: 7px 8px; background: var(--red-ui-primary-background); border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px; line-height: 1.4; }
.waybill-gov-item[draggable="true"] { cursor: grab; }
.waybill-gov-item.waybill-gov-is-error { border-left: 3px solid #b3261e; }
.waybill-gov-item.waybill-gov-is-warn { border-left: 3px solid #c98a00; }
.waybill-gov-line { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 8px; }
.waybill-gov-native { margin-bottom: 12px; }
.waybill-gov-title { flex: 1 1 auto; min-width: 0; font-weight: 600; }
.waybill-gov-plain { padding: 0; border: 0; background: none; font: inherit; line-height: inherit; text-align: left; color: var(--red-ui-text-color-link); cursor: pointer; overflow-wrap: anywhere; }
.waybill-gov a, .waybill-gov-tray a { color: var(--red-ui-text-color-link); }
.waybill-gov-plain:hover { text-decoration: underline; }
.waybill-gov-dim { color: var(--red-ui-secondary-text-color); font-size: 12px; }
.waybill-gov p { margin: 3px 0 0; }
.waybill-gov-buttons { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 7px; }
.waybill-gov-pill { display: inline-block; padding: 0 7px; border-radius: 9px; border: 1px solid var(--red-ui-secondary-border-color); font-size: 11px; line-height: 17px; white-space: nowrap; color: var(--red-ui-secondary-text-color); background: var(--red-ui-secondary-background); }
.waybill-gov-pill.waybill-gov-good { color: #fff; border-color: #2c7a3f; background: #2c7a3f; }
.waybill-gov-pill.waybill-gov-news { color: #fff; border-color: #2563a8; background: #2563a8; }
.waybill-gov-pill.waybill-gov-care { color: #fff; border-color: #8a5a00; background: #8a5a00; }
.waybill-gov-pill.waybill-gov-bad { color: #fff; border-color: #b3261e; background: #b3261e; }
.waybill-gov-empty { margin: 0; padding: 0; color: var(--red-ui-secondary-text-color); line-height: 1.45; }
.waybill-gov-trouble { margin: 8px 10px; padding: 7px 9px; line-height: 1.45; border-left: 3px solid #b3261e; background: var(--red-ui-primary-background); overflow-wrap: anywhere; }
.waybill-gov-trouble.waybill-gov-mild { border-left-color: #c98a00; }
.waybill-gov-filter { width: 100% !important; box-sizing: border-box; margin: 0 0 8px !important; }
.waybill-gov dl { display: grid; grid-template-columns: minmax(80px, auto) 1fr; gap: 4px 10px; margin: 0; }
.waybill-gov dt { font-weight: normal; color: var(--red-ui-secondary-text-color); }
.waybill-gov dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.waybill-gov button:focus-visible, .waybill-gov a:focus-visible, .waybill-gov-item:focus-visible { outline: 2px solid var(--red-ui-text-color-link); outline-offset: 1px; }
.waybill-gov-notice { max-width: 560px; }
.waybill-gov-notice ol { margin: 8px 0; padding-left: 18px; }
.waybill-gov-notice li { margin: 0 0 6px; overflow-wrap: anywhere; }
.waybill-gov-notice .waybill-gov-dim { display: block; color: inherit; opacity: 0.85; }
.waybill-finding-badge circle { stroke: #fff; stroke-width: 1; }
.waybill-finding-badge text { fill: #fff; font-size: 9px; font-weight: 700; text-anchor: middle; }
.waybill-finding-error circle { fill: #b3261e; }
.waybill-finding-warn circle { fill: #b87900; }
.waybill-finding-change circle { fill: #2563a8; }
.waybill-gov-tray { padding: 16px 20px; overflow: auto; height: 100%; box-sizing: border-box; container-type: inline-size; }
.waybill-gov-tray h3 { margin: 0 0 4px; font-size: 16px; line-height: 1.3; }
.waybill-gov-tray h4 { margin: 18px 0 6px; font-size: 13px; }
.waybill-gov-tray h5 { margin: 12px 0 4px; font-size: 13px; }
.waybill-gov-tray p, .waybill-gov-tray li { line-height: 1.5; overflow-wrap: anywhere; }
.waybill-gov-tray pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px; }
.waybill-gov-tray table { width: 100%; border-collapse: collapse; font-size: 13px; table-layout: fixed; }
.waybill-gov-tray th, .waybill-gov-tray td { padding: 5px 8px 5px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--red-ui-secondary-border-color); overflow-wrap: anywhere; }
.waybill-gov-tray textarea, .waybill-gov-tray input[type="text"], .waybill-gov-tray input[type="password"], .waybill-gov-tray input[type="date"], .waybill-gov-tray select { width: 100%; box-sizing: border-box; }
.waybill-gov-tray textarea { min-height: 90px; resize: vertical; }
.waybill-gov-field { margin: 0 0 14px; }
.waybill-gov-field > label { display: block; margin: 0 0 4px; font-weight: 600; }
.waybill-gov-field .waybill-gov-check { display: flex; align-items: center; gap: 8px; font-weight: normal; }
.waybill-gov-field .waybill-gov-check input { width: auto; margin: 0; }
.waybill-gov-hint { margin: 4px 0 0; font-size: 12px; line-height: 1.4; color: var(--red-ui-secondary-text-color); overflow-wrap: anywhere; }
.waybill-gov-wrong { margin: 4px 0 0; font-size: 12px; line-height: 1.4; color: var(--red-ui-text-color-error, #ad1625); overflow-wrap: anywhere; }
.waybill-gov-locked { opacity: 0.75; }
.waybill-gov-diff { list-style: none; margin: 0; padding: 0; }
.waybill-gov-diff li { display: flex; gap: 8px; padding: 5px 0; border-bottom: 1px solid var(--red-ui-secondary-border-color); }
.waybill-gov-mark { flex: none; width: 16px; text-align: center; font-weight: 700; }
`;
