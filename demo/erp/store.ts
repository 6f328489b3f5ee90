/** The ERP's own store: one SQLite file, WAL, synchronous=FULL. What POST answers is on disk. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { receiptId, receiptNumber, type Receipt, type ReceiptRequest } from './goods-receipt.ts';
import { Notes } from './notes.ts';
import { problem, type Problem } from './problem.ts';
import { fromMillionths, toMillionths, type AsnUnit, type DemoData, type PurchaseOrderLine } from './seed.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS po_line (
    po TEXT NOT NULL, line TEXT NOT NULL, gtin TEXT NOT NULL, description TEXT NOT NULL, ordered TEXT NOT NULL, received TEXT NOT NULL,
    unit TEXT NOT NULL, tolerance TEXT NOT NULL, complete INTEGER NOT NULL, supplier TEXT NOT NULL, price TEXT NOT NULL, currency TEXT NOT NULL,
    PRIMARY KEY (po, line)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS asn_unit (
    sscc TEXT PRIMARY KEY, asn TEXT NOT NULL, po TEXT NOT NULL, line TEXT NOT NULL, gtin TEXT NOT NULL, lot TEXT,
    quantity TEXT NOT NULL, unit TEXT NOT NULL, supplier TEXT NOT NULL, delivery_note TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS receipt (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, request TEXT NOT NULL, po TEXT NOT NULL, line TEXT NOT NULL, gtin TEXT NOT NULL,
    quantity TEXT NOT NULL, unit TEXT NOT NULL, posting_date TEXT NOT NULL, reference TEXT NOT NULL, sscc TEXT, final INTEGER NOT NULL,
    reversal_of TEXT, posted_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS receipt_reference ON receipt (reference);
  CREATE INDEX IF NOT EXISTS receipt_po ON receipt (po);
  CREATE INDEX IF NOT EXISTS receipt_reversal ON receipt (reversal_of) WHERE reversal_of IS NOT NULL;
`;

type Row = Record<string, SQLInputValue>;

/** What became of one posting. */
export type Posting = { readonly outcome: 'posted' | 'replayed'; readonly receipt: Receipt } | { readonly outcome: 'refused'; readonly problem: Problem };

export interface ReceiptQuery {
  readonly reference?: string;
  readonly po?: string;
  /** Receipt number behind which the page begins. */
  readonly after?: string;
  readonly limit: number;
}

export interface ErpCounts {
  readonly lines: number;
  readonly asns: number;
  readonly receipts: number;
}

export class ErpStore {
  /** What is posted besides goods receipts. */
  readonly notes: Notes;
  readonly #db: DatabaseSync;
  readonly #sql: Record<'line' | 'lineOfGtin' | 'linesOfPo' | 'asn' | 'receiptOfKey' | 'receiptOfId' | 'reversals' | 'addReceipt' | 'bookLine' | 'putLine' | 'putAsn', StatementSync>;

  /** Opens or creates the store at `path` (':memory:' keeps nothing). */
  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000;');
    this.#db.exec(SCHEMA);
    this.notes = new Notes(this.#db);
    const prepare = (sql: string): StatementSync => this.#db.prepare(sql);
    this.#sql = {
      line: prepare('SELECT * FROM po_line WHERE po = ? AND line = ?'),
      lineOfGtin: prepare('SELECT * FROM po_line WHERE po = ? AND gtin = ? ORDER BY CAST(line AS INTEGER)'),
      linesOfPo: prepare('SELECT * FROM po_line WHERE po = ? ORDER BY CAST(line AS INTEGER)'),
      asn: prepare('SELECT * FROM asn_unit WHERE sscc = ?'),
      receiptOfKey: prepare('SELECT * FROM receipt WHERE key = ?'),
      receiptOfId: prepare('SELECT * FROM receipt WHERE id = ?'),
      reversals: prepare('SELECT quantity FROM receipt WHERE reversal_of = ?'),
      addReceipt: prepare(`INSERT INTO receipt (key, request, po, line, gtin, quantity, unit, posting_date, reference, sscc, final, reversal_of, posted_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`),
      bookLine: prepare('UPDATE po_line SET received = ?, complete = ? WHERE po = ? AND line = ?'),
      putLine: prepare('INSERT OR REPLACE INTO po_line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
      putAsn: prepare('INSERT OR REPLACE INTO asn_unit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    };
  }

  close(): void {
    this.#db.close();
  }

  /** Runs `work` in one transaction; it is on disk when this returns. */
  transaction<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  asn(sscc: string): AsnUnit | undefined {
    const row = this.#sql.asn.get(sscc);
    return row === undefined ? undefined : toAsn(row as Row);
  }

  line(po: string, line: string): PurchaseOrderLine | undefined {
    const row = this.#sql.line.get(po, line);
    return row === undefined ? undefined : toLine(row as Row);
  }

  lines(po: string, gtin?: string): readonly PurchaseOrderLine[] {
    const rows = gtin === undefined ? this.#sql.linesOfPo.all(po) : this.#sql.lineOfGtin.all(po, gtin);
    return rows.map((row) => toLine(row as Row));
  }

  receiptByKey(key: string): Receipt | undefined {
    const row = this.#sql.receiptOfKey.get(key);
    return row === undefined ? undefined : toReceipt(row as Row);
  }

  receipts(query: ReceiptQuery): readonly Receipt[] {
    const where = ['id > ?'];
    const values: SQLInputValue[] = [query.after === undefined ? 0 : (receiptId(query.after) ?? 0)];
    if (query.reference !== undefined) {
      where.push('reference = ?');
      values.push(query.reference);
    }
    if (query.po !== undefined) {
      where.push('po = ?');
      values.push(query.po);
    }
    return this.#db.prepare(`SELECT * FROM receipt WHERE ${where.join(' AND ')} ORDER BY id LIMIT ?`).all(...values, query.limit).map((row) => toReceipt(row as Row));
  }

  counts(): ErpCounts {
    const count = (table: string): number => Number((this.#db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as Row)['n']);
    return { lines: count('po_line'), asns: count('asn_unit'), receipts: count('receipt') };
  }

  /** Adds or replaces lines and handling units. Inside a transaction. */
  put(data: DemoData): void {
    for (const line of data.lines) {
      this.#sql.putLine.run(line.po, line.line, line.gtin, line.description, line.ordered, line.received, line.unit, line.overDeliveryTolerancePercent, line.deliveryComplete ? 1 : 0, line.supplier, line.price, line.currency);
    }
    for (const asn of data.asns) {
      this.#sql.putAsn.run(asn.sscc, asn.asn, asn.po, asn.line, asn.gtin, asn.lot ?? null, asn.quantity, asn.unit, asn.supplier, asn.deliveryNote);
    }
  }

  /** Posts a receipt, once per key. Inside a transaction. Over-delivery is posted: whoever approves it stands before us. */
  post(key: string, request: ReceiptRequest, postedAt: string): Posting {
    const canonical = JSON.stringify(request, Object.keys(request).sort());
    const earlier = this.#sql.receiptOfKey.get(key) as Row | undefined;
    if (earlier !== undefined) {
      if (earlier['request'] === canonical) return { outcome: 'replayed', receipt: toReceipt(earlier) };
      return refused('idempotency-key-reused', `The key ${key} was used for ${receiptNumber(Number(earlier['id']))} with another body.`);
    }
    const line = this.line(request.po, request.line);
    if (line === undefined) {
      return this.lines(request.po).length === 0
        ? refused('unknown-purchase-order', `There is no purchase order ${request.po}.`)
        : refused('unknown-line', `Purchase order ${request.po} has no line ${request.line}.`);
    }
    if (line.gtin !== request.gtin) return refused('gtin-mismatch', `Line ${request.po}/${request.line} orders ${line.gtin}, not ${request.gtin}.`);
    if (line.unit !== request.unit) return refused('unit-mismatch', `Line ${request.po}/${request.line} is in ${line.unit}, not ${request.unit}.`);

    const quantity = toMillionths(request.quantity) ?? 0n;
    if (request.reversalOf === undefined) {
      if (line.deliveryComplete) return refused('line-closed', `The delivery of line ${request.po}/${request.line} is complete.`);
      return this.#book(key, canonical, request, quantity, line, request.final === true, postedAt);
    }
    const original = this.#sql.receiptOfId.get(receiptId(request.reversalOf) ?? 0) as Row | undefined;
    if (original === undefined || original['po'] !== request.po || original['line'] !== request.line || original['reversal_of'] !== null) {
      return refused('unknown-receipt', `There is no receipt ${request.reversalOf} on line ${request.po}/${request.line}.`);
    }
    const reversed = this.#sql.reversals.all(request.reversalOf).reduce((sum, row) => sum - (toMillionths((row as Row)['quantity']) ?? 0n), 0n);
    if (reversed + quantity > (toMillionths(original['quantity']) ?? 0n)) return refused('reversal-exceeds-receipt', `${request.reversalOf} posted ${String(original['quantity'])}; ${fromMillionths(reversed)} of it is reversed already.`);
    // what was complete because of this receipt is open again
    return this.#book(key, canonical, request, -quantity, line, false, postedAt);
  }

  #book(key: string, canonical: string, request: ReceiptRequest, quantity: bigint, line: PurchaseOrderLine, complete: boolean, postedAt: string): Posting {
    const row = this.#sql.addReceipt.get(
      key, canonical, request.po, request.line, request.gtin, fromMillionths(quantity), request.unit, request.postingDate, request.reference,
      request.sscc ?? null, complete ? 1 : 0, request.reversalOf ?? null, postedAt,
    ) as Row;
    this.#sql.bookLine.run(fromMillionths((toMillionths(line.received) ?? 0n) + quantity), complete ? 1 : 0, request.po, request.line);
    return { outcome: 'posted', receipt: toReceipt(row) };
  }
}

function refused(code: Problem['code'], detail: string): Posting {
  return { outcome: 'refused', problem: problem(422, code, detail) };
}

function toLine(row: Row): PurchaseOrderLine {
  return {
    po: row['po'] as string, line: row['line'] as string, gtin: row['gtin'] as string, description: row['description'] as string,
    ordered: row['ordered'] as string, received: row['received'] as string, unit: row['unit'] as string,
    overDeliveryTolerancePercent: row['tolerance'] as string, deliveryComplete: row['complete'] === 1,
    supplier: row['supplier'] as string, price: row['price'] as string, currency: row['currency'] as string,
  };
}

function toAsn(row: Row): AsnUnit {
  return {
    asn: row['asn'] as string, sscc: row['sscc'] as string, po: row['po'] as string, line: row['line'] as string, gtin: row['gtin'] as string,
    ...(row['lot'] === null ? {} : { lot: row['lot'] as string }), quantity: row['quantity'] as string, unit: row['unit'] as string,
    supplier: row['supplier'] as string, deliveryNote: row['delivery_note'] as string,
  };
}

function toReceipt(row: Row): Receipt {
  return {
    receipt: receiptNumber(Number(row['id'])), po: row['po'] as string, line: row['line'] as string, gtin: row['gtin'] as string,
    quantity: row['quantity'] as string, unit: row['unit'] as string, postingDate: row['posting_date'] as string, reference: row['reference'] as string,
    ...(row['sscc'] === null ? {} : { sscc: row['sscc'] as string }), final: row['final'] === 1,
    ...(row['reversal_of'] === null ? {} : { reversalOf: row['reversal_of'] as string }), idempotencyKey: row['key'] as string, postedAt: row['posted_at'] as string,
  };
}
