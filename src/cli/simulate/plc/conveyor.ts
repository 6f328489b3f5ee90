/**
 * A conveyor with a scanner and a sorter behind it, without its wires: what comes by, what asks for a lane, what goes round again.
 * Time comes in from outside, so that a run repeats.
 */
import { Random, seedAt } from '../demo-data/index.ts';
import { ssccOfUnit } from '../site/labels.ts';

export interface ConveyorOptions {
  readonly seed: number;
  /** From one unit to the next. */
  readonly intervalMs: number;
  /** How long a unit waits for its lane before it is past the divert. */
  readonly timeoutMs: number;
  /** Lanes 1 to this; 0 is straight on. */
  readonly lanes: number;
  /** Mean time between two jams; 0 is never. */
  readonly jamEveryMs: number;
  /** Mean length of a jam. */
  readonly jamForMs: number;
}

/** What the controller writes for whoever decides about the lane. */
export interface Telegram { readonly sequence: number; readonly handlingUnit: string; readonly position: string }

export interface ConveyorBook {
  presented: number;
  acknowledged: number;
  /** Units by the lane that they took. */
  readonly diverted: Record<string, number>;
  /** Acknowledged, and no lane given in time. */
  straight: number;
  /** Not acknowledged in time: they come again. */
  recirculated: number;
  /** Acknowledgements and lanes for a unit that is not there (any more). */
  refused: number;
  /** How many of these came for a unit that had been there and was gone by then: diverted, or past the divert. */
  gone: number;
  jams: number;
}

/** What happens on the belt. */
export interface ConveyorPort {
  present(telegram: Telegram): void;
  jam(jammed: boolean): void;
}

export type LaneAnswer = 'taken' | 'no-such-lane' | 'not-this-unit';

interface Waiting { readonly sequence: number; readonly unit: string; readonly until: number; acknowledged: boolean; lane: number | undefined }

/** UInt32, as the tag is; 0 says that there was none yet. */
const LARGEST = 0xffff_ffff;
/** Rounds of the loop, in intervals. */
const ROUND = 3;

export class Conveyor {
  readonly book: ConveyorBook = { presented: 0, acknowledged: 0, diverted: {}, straight: 0, recirculated: 0, refused: 0, gone: 0, jams: 0 };
  readonly #options: ConveyorOptions;
  readonly #port: ConveyorPort;
  readonly #random: Random;
  readonly #loop: { readonly unit: string; readonly at: number }[] = [];
  #waiting: Waiting | undefined;
  #sequence = 0;
  #unit = 0;
  #nextAt = 0;
  #jam: { readonly until: number } | undefined;
  #jamAt: number;

  constructor(options: ConveyorOptions, port: ConveyorPort, startAt = 0) {
    this.#options = options;
    this.#port = port;
    this.#random = new Random(seedAt(options.seed, 0xbe17));
    this.#nextAt = startAt + options.intervalMs;
    this.#jamAt = this.#nextJam(startAt);
  }

  get jammed(): boolean { return this.#jam !== undefined; }
  get waiting(): Telegram | undefined {
    return this.#waiting === undefined ? undefined : { sequence: this.#waiting.sequence, handlingUnit: this.#waiting.unit, position: 'SCANNER-1' };
  }

  /** What time does: a unit is past the divert, the next one comes, a jam begins or ends. */
  tick(now: number): void {
    this.#jams(now);
    if (this.#waiting !== undefined && now >= this.#waiting.until) this.#past(this.#waiting, now);
    if (this.#waiting !== undefined || this.#jam !== undefined || now < this.#nextAt) return;
    const back = this.#loop.findIndex(({ at }) => at <= now);
    const unit = back === -1 ? this.#newUnit() : (this.#loop.splice(back, 1)[0] as { unit: string }).unit;
    this.#sequence = this.#sequence >= LARGEST ? 1 : this.#sequence + 1;
    this.#waiting = { sequence: this.#sequence, unit, until: now + this.#options.timeoutMs, acknowledged: false, lane: undefined };
    // at its own beat, unless it has fallen behind it
    this.#nextAt = Math.max(this.#nextAt + this.#options.intervalMs, now);
    this.book.presented += 1;
    this.#port.present({ sequence: this.#sequence, handlingUnit: unit, position: 'SCANNER-1' });
  }

  /** The acknowledgement of a telegram; 0 is the controller's own beginning and says nothing. */
  acknowledge(sequence: number): void {
    if (sequence === 0) return;
    if (this.#waiting?.sequence !== sequence) {
      this.#refuse(sequence);
      return;
    }
    if (this.#waiting.acknowledged) return;
    this.#waiting.acknowledged = true;
    this.book.acknowledged += 1;
    this.#divert(this.#waiting);
  }

  /** @param sequence undefined: written into the tag, so meant for the unit that waits */
  setLane(sequence: number | undefined, lane: number): LaneAnswer {
    if (!Number.isInteger(lane) || lane < 0 || lane > this.#options.lanes) return 'no-such-lane';
    const waiting = this.#waiting;
    if (waiting === undefined || (sequence !== undefined && waiting.sequence !== sequence)) {
      this.#refuse(sequence ?? this.#sequence);
      return 'not-this-unit';
    }
    waiting.lane = lane;
    this.#divert(waiting);
    return 'taken';
  }

  /** The controller was started anew: it counts from the beginning, and the unit on the scanner is still there. */
  restart(now: number): void {
    const unit = this.#waiting?.unit;
    this.#waiting = undefined;
    this.#sequence = 0;
    this.#nextAt = now;
    if (unit !== undefined) this.#loop.unshift({ unit, at: now });
  }

  #refuse(sequence: number): void {
    this.book.refused += 1;
    if (sequence > 0 && sequence <= this.#sequence) this.book.gone += 1;
  }

  #divert(waiting: Waiting): void {
    if (!waiting.acknowledged || waiting.lane === undefined) return;
    this.book.diverted[waiting.lane] = (this.book.diverted[waiting.lane] ?? 0) + 1;
    this.#waiting = undefined;
  }

  #past(waiting: Waiting, now: number): void {
    this.#waiting = undefined;
    if (waiting.acknowledged) {
      this.book.straight += 1;
      return;
    }
    this.book.recirculated += 1;
    this.#loop.push({ unit: waiting.unit, at: now + this.#options.intervalMs * ROUND });
  }

  #newUnit(): string {
    const unit = ssccOfUnit({ run: 9, site: this.#options.seed % 100, unit: this.#unit });
    this.#unit += 1;
    return unit;
  }

  #nextJam(from: number): number {
    return this.#options.jamEveryMs === 0 ? Infinity : from - Math.log(1 - this.#random.next()) * this.#options.jamEveryMs;
  }

  #jams(now: number): void {
    if (this.#jam !== undefined && now >= this.#jam.until) {
      this.#jam = undefined;
      this.#jamAt = this.#nextJam(now);
      this.#port.jam(false);
    } else if (this.#jam === undefined && now >= this.#jamAt) {
      this.#jam = { until: now + this.#options.jamForMs * (0.5 + this.#random.next()) };
      this.book.jams += 1;
      this.#port.jam(true);
    }
  }
}
