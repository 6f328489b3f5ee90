import { cut, escapeHtml, manyLines, oneLine } from './plain.ts';

/** What a mail says, before it is text and HTML. Every text in it may come from anywhere. */
export interface MailContent {
  readonly language: string;
  readonly heading: string;
  /** What the reader is to do or to know. */
  readonly lead: string;
  readonly items: readonly MailItem[];
  /** Under the items, for example how many more there are. */
  readonly more?: string;
  readonly button?: MailLink;
  /** Why the person gets it, and what can be changed about that. */
  readonly footer: readonly (string | MailLink)[];
}
export interface MailItem { readonly title: string; readonly text?: string; readonly facts: readonly { readonly name: string; readonly value: string }[]; readonly link?: MailLink }
export interface MailLink { readonly label: string; readonly url: string }

const MAX_TITLE = 200;
const MAX_TEXT = 1_500;
const MAX_VALUE = 300;
/** Facts shown of one item; the page behind the link has all. */
const MAX_FACTS = 20;

/** Cuts and cleans everything once, so that both parts say the same. */
function cleaned(content: MailContent): MailContent {
  const link = ({ label, url }: MailLink): MailLink => ({ label: oneLine(label, 80), url });
  return {
    language: /^[a-z]{2}$/.test(content.language) ? content.language : 'en',
    heading: oneLine(content.heading, MAX_TITLE), lead: manyLines(content.lead, MAX_TEXT),
    items: content.items.map((item) => ({
      title: oneLine(item.title, MAX_TITLE), ...(item.text === undefined ? {} : { text: manyLines(item.text, MAX_TEXT) }),
      facts: item.facts.slice(0, MAX_FACTS).map(({ name, value }) => ({ name: oneLine(name, 80), value: oneLine(value, MAX_VALUE) })),
      ...(item.link === undefined ? {} : { link: link(item.link) }),
    })),
    ...(content.more === undefined ? {} : { more: oneLine(content.more, MAX_TEXT) }),
    ...(content.button === undefined ? {} : { button: link(content.button) }),
    footer: content.footer.map((line) => (typeof line === 'string' ? oneLine(line, MAX_TEXT) : link(line))),
  };
}

/** The mail in both of its parts. */
export function layOut(content: MailContent): { readonly text: string; readonly html: string } {
  const clean = cleaned(content);
  return { text: textOf(clean), html: htmlOf(clean) };
}

function textOf({ heading, lead, items, more, button, footer }: MailContent): string {
  const blocks = [heading, lead];
  for (const item of items) {
    const lines = [item.title];
    if (item.text !== undefined && item.text !== '') lines.push(item.text);
    for (const { name, value } of item.facts) lines.push(`  ${name}: ${value}`);
    if (item.link !== undefined) lines.push(`  ${item.link.url}`);
    blocks.push(lines.join('\n'));
  }
  if (more !== undefined) blocks.push(more);
  if (button !== undefined) blocks.push(`${button.label}:\n${button.url}`);
  // RFC 3676 §4.3: a signature is told by its line.
  blocks.push(`-- \n${footer.map((line) => (typeof line === 'string' ? line : `${line.label}: ${line.url}`)).join('\n')}`);
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

const grey = '#5b6470';

function linkOf({ label, url }: MailLink, style: string): string {
  return `<a href="${escapeHtml(url)}" style="${style}">${escapeHtml(label)}</a>`;
}

function itemOf(item: MailItem): string {
  const facts = item.facts.map(({ name, value }) => `<tr><td style="padding:2px 12px 2px 0;color:${grey};vertical-align:top">${escapeHtml(name)}</td><td style="padding:2px 0;vertical-align:top">${escapeHtml(value)}</td></tr>`).join('');
  const title = item.link === undefined ? escapeHtml(item.title) : linkOf({ label: item.title, url: item.link.url }, 'color:#0b57d0;text-decoration:none');
  return `<div style="border:1px solid #d8dde3;border-radius:8px;padding:14px 16px;margin:0 0 12px">`
    + `<p style="margin:0 0 6px;font-weight:600">${title}</p>`
    + (item.text === undefined || item.text === '' ? '' : `<p style="margin:0 0 8px">${escapeHtml(item.text).replaceAll('\n', '<br>')}</p>`)
    + (facts === '' ? '' : `<table role="presentation" cellpadding="0" cellspacing="0" style="border-collapse:collapse;font-size:14px">${facts}</table>`)
    + '</div>';
}

/** One column, no pictures from elsewhere, no script: it looks the same in every reader and asks nobody for anything. */
function htmlOf({ language, heading, lead, items, more, button, footer }: MailContent): string {
  const paragraphs = lead === '' ? '' : `<p style="margin:0 0 16px">${escapeHtml(lead).replaceAll('\n', '<br>')}</p>`;
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light"><title>${escapeHtml(heading)}</title></head>
<body style="margin:0;background:#f3f5f7"><div style="max-width:600px;margin:0 auto;padding:24px 16px;font:16px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif;color:#1a1f26">
<div style="background:#fff;border-radius:12px;padding:24px">
<h1 style="margin:0 0 12px;font-size:20px;line-height:1.3">${escapeHtml(heading)}</h1>
${paragraphs}${items.map(itemOf).join('\n')}
${more === undefined ? '' : `<p style="margin:0 0 16px;color:${grey}">${escapeHtml(more)}</p>`}
${button === undefined ? '' : `<p style="margin:20px 0 4px">${linkOf(button, 'display:inline-block;background:#0b57d0;color:#fff;text-decoration:none;font-weight:600;padding:12px 22px;border-radius:8px')}</p>`}
</div>
<div style="padding:16px 8px;font-size:13px;color:${grey}">${footer.map((line) => `<p style="margin:0 0 6px">${typeof line === 'string' ? escapeHtml(line) : linkOf(line, `color:${grey}`)}</p>`).join('')}</div>
</div></body></html>
`;
}

/** A fact's value as a person reads it. */
export function shownValue(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'object') return cut(JSON.stringify(value), MAX_VALUE);
  return String(value);
}
