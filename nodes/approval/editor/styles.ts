/** Rows are cards: what stands side by side in a wide tray stands below each other in a narrow one. */
export const MATRIX_STYLES = `
.waybill-matrix { margin-bottom: 12px; }
.waybill-matrix .waybill-mx-row { border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px; padding: 8px; margin-bottom: 8px; }
.waybill-matrix .waybill-mx-row.waybill-mx-wrong { border-color: var(--red-ui-form-input-border-error-color); }
.waybill-matrix .waybill-mx-line { display: flex; flex-wrap: wrap; align-items: flex-end; gap: 6px 8px; margin-bottom: 6px; }
.waybill-matrix .waybill-mx-cell { display: flex; flex-direction: column; min-width: 0; flex: 1 1 90px; margin: 0; font-size: 12px; color: var(--red-ui-secondary-text-color); }
.waybill-matrix .waybill-mx-cell.waybill-mx-wide { flex: 3 1 160px; }
.waybill-matrix .waybill-mx-cell.waybill-mx-slim { flex: 0 1 84px; }
.waybill-matrix .waybill-mx-cell input, .waybill-matrix .waybill-mx-cell select { width: 100%; box-sizing: border-box; margin: 0; }
.waybill-matrix .waybill-mx-tick { display: flex; align-items: center; gap: 6px; margin: 0; width: auto; padding-bottom: 7px; cursor: pointer; }
.waybill-matrix .waybill-mx-tick input { width: auto; margin: 0; }
.waybill-matrix .waybill-mx-tools { display: flex; gap: 4px; margin-left: auto; }
.waybill-matrix .waybill-mx-part { border-left: 3px solid var(--red-ui-secondary-border-color); padding-left: 8px; margin: 6px 0; }
.waybill-matrix .waybill-mx-head { font-size: 12px; font-weight: 600; margin: 6px 0 4px; }
.waybill-matrix .waybill-wrong:empty { display: none; }
`;
