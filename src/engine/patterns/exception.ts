import type { StepPattern } from '../api.ts';
import type { Severity } from '../../domain/index.ts';
import { asText } from './typed.ts';

/** Config of an `exception` node. */
export interface ExceptionConfig {
  readonly severity: Severity; readonly queue: string; readonly code: string;
  readonly message: string; readonly messageType: string; readonly place: string; readonly placeType: string;
}

/** Raises a business exception and waits; resolved with retry or continue, the case goes on at output 1. */
export function exceptionPattern(config: ExceptionConfig): StepPattern {
  return {
    async run(step) {
      const code = config.code || 'business';
      if (step.resolvedException(code) !== undefined) {
        await step.complete([{ port: 0 }]);
        return;
      }
      const place = config.place ? asText(await step.evaluate(config.place, config.placeType ?? 'str')) : '';
      await step.raise({
        class: 'business', severity: config.severity ?? 'medium', queue: config.queue || 'clerk', code,
        message: asText(await step.evaluate(config.message ?? '', config.messageType ?? 'str')) || code,
        detail: place === '' ? {} : { place },
      });
    },
  };
}
