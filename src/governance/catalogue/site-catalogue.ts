import type { ServiceFacts, Suspension } from '../../domain/service/index.ts';
import type { CodeList } from '../../domain/mapping/index.ts';
import type { Contract } from '../contract/contract-files.ts';
import type { GatePolicy } from '../gate/policy.ts';
import type { TemplateManifest } from '../template/manifest.ts';
import type { FlowNode } from '../gate/rules/flows.ts';
import type { ServiceSample } from '../service/sample.ts';
import type { OwnerFunction, PublicKey } from '../signing/public-key.ts';

/** How a site stands to its catalogue. */
export type CatalogueState =
  | { readonly state: 'none' }
  /** Signed, whole, not expired. */
  | { readonly state: 'fresh'; readonly checkedAt: string; readonly source: string }
  /** What was verified last goes on being used; `since` is when it would have had to be renewed, or when the line went. */
  | { readonly state: 'stale'; readonly checkedAt: string; readonly since: string; readonly reason: string; readonly source: string }
  /** What is served there was refused; what was verified before goes on being used. */
  | { readonly state: 'refused'; readonly checkedAt: string; readonly code: string; readonly reason: string; readonly source: string };

/** What a verified catalogue says of any version that a family publishes. */
export interface PublishedVersion {
  readonly contentHash: string;
  readonly status: 'published' | 'deprecated' | 'retired';
  /** Day (ISO) from which a deprecated version is retired. */
  readonly sunset?: string;
  /** ISO instant at which it was deprecated, where that is known. */
  readonly deprecatedAt?: string;
  /** Why it was deprecated or withdrawn. */
  readonly reason?: string;
  /** What takes its place, as its owners say: `family/name@1.2.3`. */
  readonly successor?: string;
  /** Of a service: stopped for a while. */
  readonly suspended?: Suspension;
  /** Rings that get it: `test`, `pilot`, `all`. */
  readonly ring: 'test' | 'pilot' | 'all';
  readonly publishedAt: string;
  readonly readme: string;
  /** Who has signed: key id, name and function. */
  readonly signedBy: readonly { readonly keyId: string; readonly name: string; readonly function?: string }[];
}

/** A version of a template as a verified catalogue has it. */
export interface PublishedTemplate extends PublishedVersion {
  readonly manifest: TemplateManifest;
  /** Its flow as it is imported (a Node-RED export). */
  readonly flow: readonly FlowNode[];
}

/** A version of a service as a verified catalogue has it. */
export interface PublishedService extends PublishedVersion, ServiceFacts {
  readonly samples: Readonly<Record<string, ServiceSample>>;
}

/** A signed exemption of one rule: the target `waivers/<id>.json`. */
export interface Waiver {
  readonly id: string;
  readonly rule: string;
  /** Sites for which it holds. */
  readonly sites: readonly string[];
  /** What it covers: fingerprints of findings, or node ids, or a template id. */
  readonly scope: { readonly fingerprints?: readonly string[]; readonly template?: string };
  readonly reason: string;
  /** ISO instants. */
  readonly grantedAt: string;
  readonly expiresAt: string;
  readonly changeId?: string;
  /** Family whose owners signed it (target `waivers/<family>/<id>.json`); absent: the board did. */
  readonly family?: string;
}

/** Keys of one role as the verified catalogue has them. */
export interface RoleKeys {
  readonly role: string;
  /** Of the list that says so. */
  readonly version: number;
  readonly keyIds: readonly string[];
  readonly threshold: number;
  /** Keys that signed for it, or for others of the same signer, and were withdrawn. */
  readonly withdrawn: readonly string[];
}

/** Who speaks for a family, as the board has signed it. */
export interface FamilyOwners {
  readonly keys: readonly PublicKey[];
  /** How many of them have to sign, and by which functions besides. */
  readonly threshold: number;
  readonly functions: readonly OwnerFunction[];
  /** Ids of keys that were withdrawn. */
  readonly withdrawn: readonly string[];
}

/** The verified catalogue of a site, from its cache; works without a line. */
export interface SiteCatalogue {
  state(): CatalogueState;
  /** Asks the source for news, verifies, keeps. Never throws for what it was served: the state says it. */
  refresh(): Promise<CatalogueState>;
  /** All versions that this site may see, retired ones included. */
  templates(): readonly PublishedTemplate[];
  template(id: string, version: string): PublishedTemplate | undefined;
  /** All versions of services that this site may see, retired ones included. */
  services(): readonly PublishedService[];
  /** One by `family/name@1.2.3`; quick enough to be asked at every call. */
  service(reference: string): PublishedService | undefined;
  policy(): GatePolicy | undefined;
  /** Canonical contracts and code lists that the board has signed. */
  contracts(): readonly Contract[];
  codeLists(): readonly CodeList[];
  /** Whose signatures count, by role: root, targets, snapshot, timestamp and the families. */
  signing(): readonly RoleKeys[];
  /** Owners of a family; undefined when the catalogue names none, or there is no verified one. */
  owners(family: string): FamilyOwners | undefined;
  waivers(): readonly Waiver[];
}
