/** Hosts that stand in texts without being a site's: schemas, examples (RFC 2606), and what is written as a variable. */
const NOBODYS = /^(?:(?:[\w-]+\.)*example(?:\.(?:com|net|org))?|(?:[\w-]+\.)*(?:invalid|test)|(?:www\.)?w3\.org|json-schema\.org|(?:www\.)?nodered\.org|.*[${}].*|)$/i;

const URL_HOST = /\b(?:https?|wss?|mqtts?|tcp|tls|opc\.tcp|ftps?|sftp|amqps?|postgres(?:ql)?|mysql|redis|smtps?|ldaps?):\/\/(?:[^\s/@"'`]*@)?(\[[0-9a-f:.]+\]|[^\s/:?#"'`)\\&,;<>]*)/gi;
const IPV4 = /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.]|-)/g;
const LOCAL = /\blocalhost(?::\d{2,5})?\b/gi;
/** Members in which a bare name is a host. */
const HOST_MEMBER = /^(?:host|hostname|server|broker|brokerurl|brokerhost|url|endpoint|address|ip)$/i;
const HOST_NAME = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}(?::\d{1,5})?$/i;

/** Addresses of machines that stand in a text. */
export function addressesIn(text: string, member: string): readonly string[] {
  const hosts = [...text.matchAll(URL_HOST)].filter(([, host = '']) => !NOBODYS.test(host)).map(([all]) => all);
  const ips = [...text.matchAll(IPV4)].map(([all]) => all).filter((ip) => ip !== '0.0.0.0' && !/^(?:0|1)\.0\.0\./.test(ip));
  const named = HOST_MEMBER.test(member) && HOST_NAME.test(text.trim()) && !NOBODYS.test(text.trim().replace(/:\d+$/, '')) ? [text.trim()] : [];
  const found = [...hosts, ...named];
  const bare = [...ips, ...[...text.matchAll(LOCAL)].map(([all]) => all)].filter((each) => !found.some((url) => url.includes(each)));
  return [...new Set([...found, ...bare])];
}
