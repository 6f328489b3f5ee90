import { ownersOf } from '../../governance/catalogue/publisher/drafts.ts';
import { changeOwners, stageRemoval } from '../../governance/catalogue/publisher/families.ts';
import { openFolder } from '../../governance/catalogue/publisher/folder.ts';
import type { FamilyOwners } from '../../governance/catalogue/publisher/owners.ts';
import { isFamily } from '../../governance/catalogue/names.ts';
import type { Signing } from '../../governance/catalogue/owners.ts';
import { counted } from '../../governance/gate/rules/words.ts';
import { FUNCTIONS, isFunction } from '../../governance/signing/public-key.ts';
import type { OwnerFunction } from '../../governance/signing/public-key.ts';
import { UsageError } from '../accounts.ts';
import { say } from '../arguments.ts';
import { catalogueFolder, readPublicKey, ringArgument, withCatalogue } from './arguments.ts';
import type { CatalogueArguments } from './arguments.ts';
import { sayDrafts } from './publish.ts';
import { signingText } from './signing-texts.ts';

function functionsArgument(text: string | undefined): readonly OwnerFunction[] | undefined {
  if (text === undefined) return undefined;
  const named = text === 'none' ? [] : text.split(',').map((each) => each.trim());
  if (named.every(isFunction) && new Set(named).size === named.length) return named;
  throw new UsageError(`--functions is ${JSON.stringify(text)}; it lists ${FUNCTIONS.join(', ')} with commas between, each once, or says none.`);
}

function thresholdArgument(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new UsageError(`--threshold is ${JSON.stringify(text)}; it is the number of owners who have to sign, such as 2.`);
  return Number(text);
}

/** What the family is to be: as said, and as before where nothing is said. */
async function wanted({ values }: CatalogueArguments, before: Signing | undefined): Promise<FamilyOwners> {
  const [owners, added] = [values.owner, values.add].map((files) => files === undefined ? undefined : Promise.all(files.map(readPublicKey)));
  const keys = [...await owners ?? before?.keys ?? [], ...await added ?? []];
  if (keys.length === 0) throw new UsageError('Say who owns the family: --owner <file.pub>, once for each owner.');
  const functions = functionsArgument(values.functions) ?? before?.functions ?? [];
  return { keys, threshold: thresholdArgument(values.threshold) ?? before?.threshold ?? Math.max(1, functions.length), functions, firstRing: ringArgument(values.ring) ?? before?.firstRing };
}

async function remove(args: CatalogueArguments, family: string): Promise<number> {
  return await withCatalogue(args, async (folder) => {
    await stageRemoval(folder, family, Date.now());
    say(`${family} is staged to be taken out; the board signs that, each with: waybill catalogue sign --key <file>`);
    await sayDrafts(folder);
    return 0;
  });
}

/** `waybill catalogue family <name>`: shows who owns it, names its owners, or takes it out. */
export async function familyCommand(args: CatalogueArguments): Promise<number> {
  const { positionals: [family], values } = args;
  if (family === undefined || !isFamily(family)) throw new UsageError(`${family === undefined ? 'Say which family' : `${JSON.stringify(family)} is no name of a family`}: small letters, digits and hyphens, for example procure-to-pay.`);
  const changes = [values.owner, values.add, values.threshold, values.functions, values.ring].some((value) => value !== undefined);
  if (values.remove === true && changes) throw new UsageError('Either --remove takes the family out, or the other options say who owns it.');
  if (values.remove === true) return await remove(args, family);
  if (!changes) {
    const signing = await ownersOf(await openFolder(catalogueFolder(args)), family);
    if (signing === undefined) throw new UsageError(`The catalogue has no family ${family}. --owner <file.pub> names its owners, once for each.`);
    say(`${family}: ${signingText(signing)}`);
    return 0;
  }
  return await withCatalogue(args, async (folder) => {
    const owners = await wanted(args, await ownersOf(folder, family));
    const { stay, lose } = await changeOwners(folder, family, owners, Date.now());
    say(`The owners of ${family} are staged; the board signs that, each with: waybill catalogue sign --key <file>`);
    if (lose.length > 0) say(`${counted(lose.length, 'published version')} would lose the signatures that are asked for, and ${lose.length === 1 ? 'is' : 'are'} signed anew by the owners: ${lose.slice(0, 5).join(', ')}${lose.length > 5 ? ` and ${lose.length - 5} more` : ''}. Until then the owners before hold.`);
    else if (stay.length > 0) say(`What is published of it stays signed, by ${stay.join(', ')}.`);
    await sayDrafts(folder);
    return 0;
  });
}
