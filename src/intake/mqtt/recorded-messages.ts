import { UntilRecorded, type UntilRecordedOptions } from '../until-recorded.ts';
import { MqttIntakeError } from './errors.ts';

export interface RecordedMessagesOptions extends Omit<UntilRecordedOptions, 'closed'> {
  /** Called for each message that its sender will deliver again. */
  readonly onLetGo: () => void;
}

/** Messages that their sender keeps until they are recorded. */
export class RecordedMessages {
  readonly #recorded: UntilRecorded;
  readonly #onLetGo: () => void;

  constructor({ onLetGo, ...options }: RecordedMessagesOptions) {
    this.#onLetGo = onLetGo;
    this.#recorded = new UntilRecorded({ ...options, closed: () => new MqttIntakeError('detached', 'The intake was closed before the message was recorded.') });
  }

  /**
   * @param where the message came from, for the log
   * @param gone its sender will deliver it again
   * @throws MqttIntakeError `detached` after `close()`, `closed` when the sender is gone
   */
  run<T>(where: string, gone: () => boolean, act: () => Promise<T>): Promise<{ readonly value: T } | { readonly unrecordable: string }> {
    return this.#recorded.run(`A message on ${where}`, act, () => {
      if (!gone()) return undefined;
      this.#onLetGo();
      return new MqttIntakeError('closed', 'The connection is gone; the sender will deliver the message again.');
    });
  }

  close(): void {
    this.#recorded.close();
  }
}
