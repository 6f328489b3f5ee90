import { ask } from '../intake/server.ts';

interface Offer { readonly contracts: readonly { readonly id: string; readonly title: string }[] }

const LIST = 'waybill-contract-names';

/** Offers the contracts of the catalogue in a field that names one; without an answer it is a field like any other. */
export function offerContracts(input: JQuery): void {
  const list = $('<datalist>').attr('id', LIST).insertAfter(input);
  input.attr('list', LIST);
  ask<Offer>('mapping', {}).then(({ contracts }) => {
    list.append(contracts.map(({ id, title }) => $('<option>').val(id).text(title)));
  }, () => { input.removeAttr('list'); });
}
