import { catalogue } from './checks/catalogue.ts';
import { clock } from './checks/clock.ts';
import { disk } from './checks/disk.ts';
import { erp } from './checks/erp.ts';
import { homeFolder } from './checks/home.ts';
import { keys } from './checks/keys.ts';
import { ledger } from './checks/ledger.ts';
import { mail } from './checks/mail.ts';
import { oidc } from './checks/oidc.ts';
import { phone } from './checks/phone.ts';
import { ports } from './checks/ports.ts';
import { proxies } from './checks/proxies.ts';
import { scanner } from './checks/scanner.ts';
import { packageBuild, versions } from './checks/versions.ts';
import type { Check } from './run-checks.ts';

/** Everything the doctor looks at, in the order in which it is shown. */
export const checks: readonly Check[] = [versions, packageBuild, homeFolder, disk, clock, keys, ledger, ports, phone, scanner, mail, erp, proxies, oidc, catalogue];
