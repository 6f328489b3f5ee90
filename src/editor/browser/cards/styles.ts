/** Rows are cards: what stands side by side in a wide tray stands below each other in a narrow one. */
export const CARD_STYLES = `
.waybill-matrix { margin-bottom: 12px; }
.waybill-matrix .waybill-mx-row { border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px; padding: 8px; margin-bottom: 8px; }
.waybill-matrix .waybill-mx-row.waybill-mx-wrong { border-color: var(--red-ui-form-input-border-error-color); }
.waybill-matrix .waybill-mx-line { display: flex; flex-wrap: wrap; align-items: flex-end; gap: 6px 8px; margin-bottom: 6px; }
.waybill-matrix .waybill-mx-cell { display: flex; flex-direction: column; min-width: 0; flex: 1 1 90px; margin: 0; font-size: 12px; color: var(--red-ui-secondary-text-color); }
.waybill-matrix .waybill-mx-cell.waybill-mx-wide { flex: 3 1 160px; }
.waybill-matrix .waybill-mx-cell.waybill-mx-slim { flex: 0 1 84px; }
.waybill-matrix .waybill-mx-cell input, .waybill-matrix .waybill-mx-cell select { width: 100%; box-sizing: border-box; margin: 0; }
.waybill-matrix .waybill-mx-tag { margin-bottom: 6px; }
.waybill-matrix .waybill-mx-pair { flex-direction: row; align-items: flex-end; gap: 4px; flex: 1 1 180px; }
.waybill-matrix .waybill-mx-pair label { flex: 1 1 70px; width: auto; min-width: 0; margin: 0; font-size: 12px; color: inherit; }
.waybill-matrix .waybill-mx-pair select { flex: 1 1 96px; width: auto; }
.waybill-matrix .waybill-mx-tick { display: flex; align-items: center; gap: 6px; margin: 0; width: auto; min-height: 34px; cursor: pointer; }
.waybill-matrix .waybill-mx-tick input { width: auto; margin: 0; }
.waybill-matrix .waybill-mx-tools { display: flex; gap: 4px; margin-left: auto; min-height: 34px; align-items: center; }
.waybill-matrix .waybill-mx-actions { align-items: center; }
.waybill-matrix button.red-ui-button-small { height: 26px; line-height: 24px; min-width: 26px; }
.waybill-matrix button.red-ui-button-small:focus-visible { outline: 2px solid var(--red-ui-form-input-focus-color); outline-offset: 1px; }
.waybill-matrix button.red-ui-button-small:disabled { opacity: .4; cursor: default; }
.waybill-matrix .waybill-mx-part { border-left: 3px solid var(--red-ui-secondary-border-color); padding-left: 8px; margin: 6px 0; }
.waybill-matrix > div > .waybill-hint { margin: 0 0 10px; }
.waybill-matrix .waybill-mx-empty { border: 1px dashed var(--red-ui-secondary-border-color); border-radius: 4px; padding: 12px; margin-bottom: 8px; color: var(--red-ui-secondary-text-color); }
.waybill-matrix .waybill-mx-head { font-size: 12px; font-weight: 600; margin: 6px 0 4px; }
.waybill-matrix .waybill-wrong:empty { display: none; }
`;
