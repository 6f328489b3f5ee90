/**
 * The application identifiers, as GS1's syntax dictionary lists them (General Specifications §3.2), coupon codes excepted
 * (8110, 8112). Digital signatures (8030) are read as they stand.
 *
 * A format is a list of components: type (`n` digits, `x` character set 82, `y` character set 39), then a length or
 * `..` and the greatest length; behind it `c` for a mod-10 check digit, `d` for a YYMMDD date whose day may be 00, `D`
 * for one whose day may not, `$` for an ISO 4217 currency, `t` for hours, or hours and minutes, `m` for
 * minutes or seconds, `p` for a piece of a total, `b` for 0 or 1, `h` for a hyphen, and `?` when the component may be absent;
 * a component without `..` is there whole or not at all.
 */

export interface AiComponent {
  readonly charset: 'n' | 'x' | 'y';
  readonly min: number;
  readonly max: number;
  /** Absent, or as long as `max`. */
  readonly whole?: boolean;
  readonly check?: 'digit' | 'date' | 'date-with-day' | 'currency' | 'time' | 'minutes' | 'pieces' | 'flag' | 'hyphen';
}

export interface AiSpec {
  readonly ai: string;
  readonly title: string;
  readonly components: readonly AiComponent[];
  /** Least and greatest length of the data. */
  readonly min: number;
  readonly max: number;
  /** Predefined length: no FNC1 behind it (§7.8.5, figure 7.8.5-2). */
  readonly predefined: boolean;
  /** How many decimals the last digit of the AI announces. */
  readonly decimals?: number;
  /** True for a plain count (AI 30, 37). */
  readonly count?: boolean;
  /** UN/ECE Recommendation 20 unit. */
  readonly unit?: string;
}

type Row = readonly [ai: string, format: string, title: string];

const ROWS: readonly Row[] = [
  ['00', 'n18c', 'SSCC'],
  ['01', 'n14c', 'GTIN'],
  ['02', 'n14c', 'CONTENT'],
  ['03', 'n14c', 'MTO GTIN'],
  ['10', 'x..20', 'BATCH/LOT'],
  ['11', 'n6d', 'PROD DATE'],
  ['12', 'n6d', 'DUE DATE'],
  ['13', 'n6d', 'PACK DATE'],
  ['15', 'n6d', 'BEST BEFORE or BEST BY'],
  ['16', 'n6d', 'SELL BY'],
  ['17', 'n6d', 'USE BY or EXPIRY'],
  ['20', 'n2', 'VARIANT'],
  ['21', 'x..20', 'SERIAL'],
  ['22', 'x..20', 'CPV'],
  ['235', 'x..28', 'TPX'],
  ['240', 'x..30', 'ADDITIONAL ID'],
  ['241', 'x..30', 'CUST. PART No.'],
  ['242', 'n..6', 'MTO VARIANT'],
  ['243', 'x..20', 'PCN'],
  ['250', 'x..30', 'SECONDARY SERIAL'],
  ['251', 'x..30', 'REF. TO SOURCE'],
  ['253', 'n13c x..17?', 'GDTI'],
  ['254', 'x..20', 'GLN EXTENSION COMPONENT'],
  ['255', 'n13c n..12?', 'GCN'],
  ['400', 'x..30', 'ORDER NUMBER'],
  ['401', 'x..30', 'GINC'],
  ['402', 'n17c', 'GSIN'],
  ['403', 'x..30', 'ROUTE'],
  ['410', 'n13c', 'SHIP TO LOC'],
  ['411', 'n13c', 'BILL TO'],
  ['412', 'n13c', 'PURCHASE FROM'],
  ['413', 'n13c', 'SHIP FOR LOC'],
  ['414', 'n13c', 'LOC No.'],
  ['415', 'n13c', 'PAY TO'],
  ['416', 'n13c', 'PROD/SERV LOC'],
  ['417', 'n13c', 'PARTY'],
  ['420', 'x..20', 'SHIP TO POST'],
  ['421', 'n3 x..9', 'SHIP TO POST'],
  ['422', 'n3', 'ORIGIN'],
  ['423', 'n3 n3? n3? n3? n3?', 'COUNTRY - INITIAL PROCESS'],
  ['424', 'n3', 'COUNTRY - PROCESS'],
  ['425', 'n3 n3? n3? n3? n3?', 'COUNTRY - DISASSEMBLY'],
  ['426', 'n3', 'COUNTRY - FULL PROCESS'],
  ['427', 'x..3', 'ORIGIN SUBDIVISION'],
  ['4300', 'x..35', 'SHIP TO COMP'],
  ['4301', 'x..35', 'SHIP TO NAME'],
  ['4302', 'x..70', 'SHIP TO ADD1'],
  ['4303', 'x..70', 'SHIP TO ADD2'],
  ['4304', 'x..70', 'SHIP TO SUB'],
  ['4305', 'x..70', 'SHIP TO LOC'],
  ['4306', 'x..70', 'SHIP TO REG'],
  ['4307', 'x2', 'SHIP TO COUNTRY'],
  ['4308', 'x..30', 'SHIP TO PHONE'],
  ['4309', 'n20', 'SHIP TO GEO'],
  ['4310', 'x..35', 'RTN TO COMP'],
  ['4311', 'x..35', 'RTN TO NAME'],
  ['4312', 'x..70', 'RTN TO ADD1'],
  ['4313', 'x..70', 'RTN TO ADD2'],
  ['4314', 'x..70', 'RTN TO SUB'],
  ['4315', 'x..70', 'RTN TO LOC'],
  ['4316', 'x..70', 'RTN TO REG'],
  ['4317', 'x2', 'RTN TO COUNTRY'],
  ['4318', 'x..20', 'RTN TO POST'],
  ['4319', 'x..30', 'RTN TO PHONE'],
  ['4320', 'x..35', 'SRV DESCRIPTION'],
  ['4321', 'n1b', 'DANGEROUS GOODS'],
  ['4322', 'n1b', 'AUTH TO LEAVE'],
  ['4323', 'n1b', 'SIG REQUIRED'],
  ['4324', 'n6d n4t', 'NOT BEF DEL DT'],
  ['4325', 'n6d n4t', 'NOT AFT DEL DT'],
  ['4326', 'n6D', 'REL DATE'],
  ['4330', 'n6 x1h?', 'MAX TEMP F'],
  ['4331', 'n6 x1h?', 'MAX TEMP C'],
  ['4332', 'n6 x1h?', 'MIN TEMP F'],
  ['4333', 'n6 x1h?', 'MIN TEMP C'],
  ['7001', 'n13', 'NSN'],
  ['7002', 'x..30', 'MEAT CUT'],
  ['7003', 'n6D n4t', 'EXPIRY TIME'],
  ['7004', 'n..4', 'ACTIVE POTENCY'],
  ['7005', 'x..12', 'CATCH AREA'],
  ['7006', 'n6D', 'FIRST FREEZE DATE'],
  ['7007', 'n6D n6D?', 'HARVEST DATE'],
  ['7008', 'x..3', 'AQUATIC SPECIES'],
  ['7009', 'x..10', 'FISHING GEAR TYPE'],
  ['7010', 'x..2', 'PROD METHOD'],
  ['7011', 'n6D n4t?', 'TEST BY DATE'],
  ['7020', 'x..20', 'REFURB LOT'],
  ['7021', 'x..20', 'FUNC STAT'],
  ['7022', 'x..20', 'REV STAT'],
  ['7023', 'x..30', 'GIAI - ASSEMBLY'],
  ['7040', 'n1 x3', 'UIC+EXT'],
  ['7041', 'x..4', 'UFRGT UNIT TYPE'],
  ['710', 'x..20', 'NHRN PZN'],
  ['711', 'x..20', 'NHRN CIP'],
  ['712', 'x..20', 'NHRN CN'],
  ['713', 'x..20', 'NHRN DRN'],
  ['714', 'x..20', 'NHRN AIM'],
  ['715', 'x..20', 'NHRN NDC'],
  ['716', 'x..20', 'NHRN AIC'],
  ['717', 'x..20', 'NHRN SRN'],
  ['7240', 'x..20', 'PROTOCOL'],
  ['7241', 'n2', 'AIDC MEDIA TYPE'],
  ['7242', 'x..25', 'VCN'],
  ['7250', 'n8', 'DOB'],
  ['7251', 'n8 n4t', 'DOB TIME'],
  ['7252', 'n1', 'BIO SEX'],
  ['7253', 'x..40', 'FAMILY NAME'],
  ['7254', 'x..40', 'GIVEN NAME'],
  ['7255', 'x..10', 'SUFFIX'],
  ['7256', 'x..90', 'FULL NAME'],
  ['7257', 'x..70', 'PERSON ADDR'],
  ['7258', 'x3', 'BIRTH SEQUENCE'],
  ['7259', 'x..40', 'BABY'],
  ['8001', 'n14', 'DIMENSIONS'],
  ['8002', 'x..20', 'CMT No.'],
  ['8003', 'n14c x..16?', 'GRAI'],
  ['8004', 'x..30', 'GIAI'],
  ['8005', 'n6', 'PRICE PER UNIT'],
  ['8006', 'n14c n4p', 'ITIP'],
  ['8007', 'x..34', 'IBAN'],
  ['8008', 'n6D n2t n2m? n2m?', 'PROD TIME'],
  ['8009', 'x..50', 'OPTSEN'],
  ['8010', 'y..30', 'CPID'],
  ['8011', 'n..12', 'CPID SERIAL'],
  ['8012', 'x..20', 'VERSION'],
  ['8013', 'x..25', 'GMN'],
  ['8014', 'x..25', 'MUDI'],
  ['8017', 'n18c', 'GSRN - PROVIDER'],
  ['8018', 'n18c', 'GSRN - RECIPIENT'],
  ['8019', 'n..10', 'SRIN'],
  ['8020', 'x..25', 'REF No.'],
  ['8026', 'n14c n4p', 'ITIP CONTENT'],
  ['8030', 'x..90', 'DIGSIG'],
  ['8040', 'n15', 'IMEI'],
  ['8041', 'n15', 'IMEI 2'],
  ['8042', 'n32', 'EID'],
  ['8043', 'n18 n..2?', 'ICCID'],
  ['8111', 'n4', 'POINTS'],
  ['8200', 'x..70', 'PRODUCT URL'],
  ['90', 'x..30', 'INTERNAL'],
];

/** Ranges whose last digit counts on: three-digit stem, highest last digit, format, title, unit. */
const DECIMAL_ROWS: readonly (readonly [stem: string, last: number, format: string, title: string, unit?: string])[] = [
  ['310', 5, 'n6', 'NET WEIGHT (kg)', 'KGM'],
  ['311', 5, 'n6', 'LENGTH (m)', 'MTR'],
  ['312', 5, 'n6', 'WIDTH (m)', 'MTR'],
  ['313', 5, 'n6', 'HEIGHT (m)', 'MTR'],
  ['314', 5, 'n6', 'AREA (m²)', 'MTK'],
  ['315', 5, 'n6', 'NET VOLUME (l)', 'LTR'],
  ['316', 5, 'n6', 'NET VOLUME (m³)', 'MTQ'],
  ['320', 5, 'n6', 'NET WEIGHT (lb)', 'LBR'],
  ['321', 5, 'n6', 'LENGTH (in)', 'INH'],
  ['322', 5, 'n6', 'LENGTH (ft)', 'FOT'],
  ['323', 5, 'n6', 'LENGTH (yd)', 'YRD'],
  ['324', 5, 'n6', 'WIDTH (in)', 'INH'],
  ['325', 5, 'n6', 'WIDTH (ft)', 'FOT'],
  ['326', 5, 'n6', 'WIDTH (yd)', 'YRD'],
  ['327', 5, 'n6', 'HEIGHT (in)', 'INH'],
  ['328', 5, 'n6', 'HEIGHT (ft)', 'FOT'],
  ['329', 5, 'n6', 'HEIGHT (yd)', 'YRD'],
  ['330', 5, 'n6', 'GROSS WEIGHT (kg)', 'KGM'],
  ['331', 5, 'n6', 'LENGTH (m), log', 'MTR'],
  ['332', 5, 'n6', 'WIDTH (m), log', 'MTR'],
  ['333', 5, 'n6', 'HEIGHT (m), log', 'MTR'],
  ['334', 5, 'n6', 'AREA (m²), log', 'MTK'],
  ['335', 5, 'n6', 'VOLUME (l), log', 'LTR'],
  ['336', 5, 'n6', 'VOLUME (m³), log', 'MTQ'],
  ['337', 5, 'n6', 'KG PER m²', '28'],
  ['340', 5, 'n6', 'GROSS WEIGHT (lb)', 'LBR'],
  ['341', 5, 'n6', 'LENGTH (in), log', 'INH'],
  ['342', 5, 'n6', 'LENGTH (ft), log', 'FOT'],
  ['343', 5, 'n6', 'LENGTH (yd), log', 'YRD'],
  ['344', 5, 'n6', 'WIDTH (in), log', 'INH'],
  ['345', 5, 'n6', 'WIDTH (ft), log', 'FOT'],
  ['346', 5, 'n6', 'WIDTH (yd), log', 'YRD'],
  ['347', 5, 'n6', 'HEIGHT (in), log', 'INH'],
  ['348', 5, 'n6', 'HEIGHT (ft), log', 'FOT'],
  ['349', 5, 'n6', 'HEIGHT (yd), log', 'YRD'],
  ['350', 5, 'n6', 'AREA (in²)', 'INK'],
  ['351', 5, 'n6', 'AREA (ft²)', 'FTK'],
  ['352', 5, 'n6', 'AREA (yd²)', 'YDK'],
  ['353', 5, 'n6', 'AREA (in²), log', 'INK'],
  ['354', 5, 'n6', 'AREA (ft²), log', 'FTK'],
  ['355', 5, 'n6', 'AREA (yd²), log', 'YDK'],
  ['356', 5, 'n6', 'NET WEIGHT (troy oz)', 'APZ'],
  ['357', 5, 'n6', 'NET WEIGHT (oz)', 'ONZ'],
  ['360', 5, 'n6', 'NET VOLUME (qt)', 'QTL'],
  ['361', 5, 'n6', 'NET VOLUME (gal)', 'GLL'],
  ['362', 5, 'n6', 'VOLUME (qt), log', 'QTL'],
  ['363', 5, 'n6', 'VOLUME (gal), log', 'GLL'],
  ['364', 5, 'n6', 'NET VOLUME (in³)', 'INQ'],
  ['365', 5, 'n6', 'NET VOLUME (ft³)', 'FTQ'],
  ['366', 5, 'n6', 'NET VOLUME (yd³)', 'YDQ'],
  ['367', 5, 'n6', 'VOLUME (in³), log', 'INQ'],
  ['368', 5, 'n6', 'VOLUME (ft³), log', 'FTQ'],
  ['369', 5, 'n6', 'VOLUME (yd³), log', 'YDQ'],
  ['390', 9, 'n..15', 'AMOUNT'],
  ['391', 9, 'n3$ n..15', 'AMOUNT'],
  ['392', 9, 'n..15', 'PRICE'],
  ['393', 9, 'n3$ n..15', 'PRICE'],
  ['394', 3, 'n4', 'PRCNT OFF'],
  ['395', 5, 'n6', 'PRICE/UoM'],
];

/** Ranges whose last digit only numbers them. */
const NUMBERED_ROWS: readonly (readonly [stem: string, last: number, format: string, title: string])[] = [
  ['703', 9, 'n3 x..27', 'PROCESSOR'],
  ['723', 9, 'x2 x..28', 'CERT'],
];

const CHECKS = { c: 'digit', d: 'date', D: 'date-with-day', $: 'currency', t: 'time', m: 'minutes', p: 'pieces', b: 'flag', h: 'hyphen' } as const;

function component(text: string): AiComponent {
  const match = /^([nxy])(\.\.)?(\d+)([cdDtmpbh$]?)(\?)?$/.exec(text);
  if (match === null) throw new TypeError(`AI table: bad component "${text}"`);
  const [, charset, upTo, length, check, optional] = match;
  const max = Number(length);
  const min = optional !== undefined ? 0 : upTo !== undefined ? 1 : max;
  const whole = optional !== undefined && upTo === undefined ? { whole: true } : {};
  const base = { charset: charset as AiComponent['charset'], min, max, ...whole };
  return check ? { ...base, check: CHECKS[check as keyof typeof CHECKS] } : base;
}

/** §7.8.5: the first two digits say whether the length is predefined. */
function hasPredefinedLength(ai: string): boolean {
  const prefix = Number(ai.slice(0, 2));
  return prefix <= 4 || (prefix >= 11 && prefix <= 20) || (prefix >= 31 && prefix <= 36) || prefix === 41;
}

const byNumber = { 2: new Array<AiSpec | undefined>(100), 3: new Array<AiSpec | undefined>(1000), 4: new Array<AiSpec | undefined>(10_000) };

function add(ai: string, format: string, title: string, more: Partial<AiSpec> = {}): void {
  const components = format.split(' ').map(component);
  const spec: AiSpec = {
    ai,
    title,
    components,
    min: components.reduce((sum, part) => sum + part.min, 0),
    max: components.reduce((sum, part) => sum + part.max, 0),
    predefined: hasPredefinedLength(ai),
    ...more,
  };
  byNumber[ai.length as 2 | 3 | 4][Number(ai)] = spec;
}

for (const [ai, format, title] of ROWS) add(ai, format, title);
add('30', 'n..8', 'VAR. COUNT', { count: true });
add('37', 'n..8', 'COUNT', { count: true });
for (let ai = 91; ai <= 99; ai += 1) add(String(ai), 'x..90', 'INTERNAL');
for (const [stem, last, format, title, unit] of DECIMAL_ROWS) {
  for (let digit = 0; digit <= last; digit += 1) add(`${stem}${digit}`, format, title, unit === undefined ? { decimals: digit } : { decimals: digit, unit });
}
for (const [stem, last, format, title] of NUMBERED_ROWS) {
  for (let digit = 0; digit <= last; digit += 1) add(`${stem}${digit}`, format, `${title} # ${digit}`);
}

/**
 * The AI that begins at `text[start]`, or undefined. No AI is the beginning of another, so the first hit of two, three
 * and four digits is the right one.
 */
export function aiAt(text: string, start: number, end: number): AiSpec | undefined {
  let number = 0;
  for (let length = 1; length <= 4 && start + length <= end; length += 1) {
    const digit = text.charCodeAt(start + length - 1) - 48;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
    if (length === 1) continue;
    const spec = byNumber[length as 2 | 3 | 4][number];
    if (spec !== undefined) return spec;
  }
  return undefined;
}

/** The AI written exactly as `ai`, or undefined. */
export function aiNamed(ai: string): AiSpec | undefined {
  const spec = aiAt(ai, 0, ai.length);
  return spec !== undefined && spec.ai.length === ai.length ? spec : undefined;
}

/** Every AI of the table, for tests and documentation. */
export function allAis(): readonly AiSpec[] {
  return [...byNumber[2], ...byNumber[3], ...byNumber[4]].filter((spec) => spec !== undefined);
}
