import type { Texts } from '../texts.ts';
import { silenceInWords } from './answers.ts';
import type { Asked } from './answers.ts';
import { empty, trouble } from './parts.ts';

/** Draws what was asked for as soon as it is there, or says why it is not; until then it says that it is coming. */
export function drawAnswer<T>(body: JQuery, asking: Promise<Asked<T>>, text: Texts, draw: (answer: T) => void): void {
  empty(body, text('loading'));
  void asking.then((asked) => {
    body.empty();
    if ('silence' in asked) {
      trouble(body, silenceInWords(asked, text));
      return;
    }
    draw(asked.answer);
  });
}
