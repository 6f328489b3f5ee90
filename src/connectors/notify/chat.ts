import { postJson } from './http-post.ts';
import type { Told } from './told.ts';
import { manyLines, oneLine } from './plain.ts';

/** A message for a channel of a chat: what is up, and where to go. Everybody in the channel reads it. */
export interface ChatMessage {
  readonly title: string; readonly text: string;
  /** Short facts under the text. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** Absolute; without one there is no button. */
  readonly link?: { readonly label: string; readonly url: string };
}

/** Teams refuses cards beyond 28 KB, Slack texts beyond 3,000 characters a block. */
const MAX_TEXT = 2_000;

/** Markdown of an adaptive card: what would be read as a link, emphasis or list is put in plain. */
function plainCard(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|~<>-]/g, (character) => `\\${character}`);
}

/** Adaptive card, as incoming webhooks of Teams and the Workflows app take it. */
export function teamsBody(message: ChatMessage): object {
  const facts = message.facts.slice(0, 12).map(({ name, value }) => ({ title: oneLine(name, 60), value: plainCard(oneLine(value, 200)) }));
  return {
    type: 'message',
    attachments: [{
      contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null,
      content: {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json', type: 'AdaptiveCard', version: '1.4', msteams: { width: 'Full' },
        fallbackText: oneLine(message.title, 200),
        body: [
          { type: 'TextBlock', text: plainCard(oneLine(message.title, 200)), weight: 'Bolder', size: 'Medium', wrap: true },
          ...(message.text === '' ? [] : [{ type: 'TextBlock', text: plainCard(manyLines(message.text, MAX_TEXT)).replaceAll('\n', '\n\n'), wrap: true }]),
          ...(facts.length === 0 ? [] : [{ type: 'FactSet', facts }]),
        ],
        ...(message.link === undefined ? {} : { actions: [{ type: 'Action.OpenUrl', title: oneLine(message.link.label, 60), url: message.link.url }] }),
      },
    }],
  };
}

/** Slack reads `&`, `<` and `>` as the beginning of mentions and links. */
export function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function slackBody(message: ChatMessage): object {
  const facts = message.facts.slice(0, 10).map(({ name, value }) => ({ type: 'plain_text', text: `${oneLine(name, 60)}: ${oneLine(value, 200)}` }));
  return {
    // Shown in notifications, and read out by screen readers.
    text: slackText(oneLine(message.title, 200)),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: oneLine(message.title, 150) } },
      ...(message.text === '' ? [] : [{ type: 'section', text: { type: 'mrkdwn', text: slackText(manyLines(message.text, MAX_TEXT)), verbatim: true } }]),
      ...(facts.length === 0 ? [] : [{ type: 'section', fields: facts }]),
      ...(message.link === undefined ? [] : [{ type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: oneLine(message.link.label, 70) }, url: message.link.url }] }]),
    ],
  };
}

export function sendTeams(url: string, message: ChatMessage, now: number): Promise<Told> {
  return postJson(url, 'Teams', JSON.stringify(teamsBody(message)), {}, { now });
}

export function sendSlack(url: string, message: ChatMessage, now: number): Promise<Told> {
  return postJson(url, 'Slack', JSON.stringify(slackBody(message)), {}, { now });
}
