import type { CertificateProblem } from './certificate-problems.ts';
import type { TrustVerdict } from './trust.ts';

/** What does not fit, as half a sentence. */
const WORDS: Readonly<Record<CertificateProblem, (verdict: TrustVerdict) => string>> = {
  'expired': ({ certificate }) => `it expired on ${certificate.validTo.slice(0, 10)}`,
  'not-yet-valid': ({ certificate }) => `it is valid only from ${certificate.validFrom.slice(0, 10)}`,
  'host-differs': ({ address, certificate }) => `it is for ${certificate.hostNames.join(', ') || 'no host'} and not for ${address.replace(/:\d+$/, '')}`,
  'uri-differs': () => 'it names another application than the server does',
  'no-uri': () => 'it names no application',
  'weak-key': ({ certificate }) => `its key of ${certificate.keyBits} bits is too short`,
  'weak-signature': () => 'it is signed in a way that can be forged',
};

/** One sentence for the status and the form. */
export function refusedSentence(verdict: TrustVerdict): string {
  const { because, certificate, problems } = verdict;
  const short = certificate.thumbprint.slice(0, 8);
  const why = problems.length === 0 ? '' : ` (${problems.map((problem) => WORDS[problem](verdict)).join('; ')})`;
  switch (because) {
    case 'changed': return `The server shows another certificate (${short}…) than the one that is trusted${why}; find out why, and trust it in the form of the endpoint if it is right.`;
    case 'problem': return `The trusted certificate of the server (${short}…) does not fit any more${why}; have it renewed on the server, or trust it as it is in the form of the endpoint.`;
    default: return `The certificate of the server (${short}…) is not trusted yet${why}; look at it in the form of the endpoint, and trust it there.`;
  }
}
