/** Tells nrlint, where it is installed, of Waybill's rules. The address begins at Node-RED's `resources/`. */
RED.plugins.registerPlugin('waybill-nrlint', { type: 'nrlint-rule', worker: '@waybill/node-red/nrlint-rules.js' } as never);

export {};
