import type { NodeAPI } from 'node-red';

/** What a `site` node says, in the engine's units. */
export interface SiteSettings { readonly siteId: string; readonly enterprise: string; readonly legalEntity: string; /** '' where it has none. */ readonly gln: string; readonly stallMs: number | undefined; readonly hopLimit: number | undefined }

interface SiteDefinition { readonly id: string; readonly type: string; readonly siteId?: string; readonly enterprise?: string; readonly legalEntity?: string; readonly gln?: string; readonly stallSeconds?: number | string; readonly hopLimit?: number | string }

function number(value: unknown): number | undefined {
  const parsed = Number(value);
  return value !== undefined && value !== '' && Number.isFinite(parsed) && parsed > 0 ? parsed : undefined;
}

/** The site node with this id, or the only one of the flows. Undefined when there is none. */
export function siteOf(RED: NodeAPI, id: string | undefined): SiteSettings | undefined {
  let found: SiteDefinition | undefined;
  RED.nodes.eachNode((node) => {
    const definition = node as unknown as SiteDefinition;
    if (definition.type === 'waybill-site' && (definition.id === id || (!id && found === undefined))) found = definition;
  });
  if (found === undefined) return undefined;
  const stallSeconds = number(found.stallSeconds);
  return {
    siteId: found.siteId ?? '', enterprise: found.enterprise ?? '', legalEntity: found.legalEntity ?? '', gln: (found.gln ?? '').trim(),
    stallMs: stallSeconds === undefined ? undefined : stallSeconds * 1_000, hopLimit: number(found.hopLimit),
  };
}
