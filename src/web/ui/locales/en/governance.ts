/** What governance asks of people, and break-glass, in English. */
export const governance = {
  'governance.process': 'Governance',
  'governance.waiverEnds': 'The waiver of {rule} ends on {day}',
  'governance.waiverEndsQuestion': 'From then on what it covers is a finding again, and refuses the next deploy. Have it mended before, or sign a new waiver; then say that it is done.',
  'governance.breakGlass': 'Break-glass was used at {site}: {rules}',
  'governance.breakGlassQuestion': 'Look at what was deployed past these rules and whether it still runs: have it mended, or answer it by a waiver or a new version. Approve when that is done; reject, with a comment, when it should not have been used.',
  'fact.rule': 'Rule',
  'fact.rules': 'Rules',
  'fact.family': 'Process',
  'fact.until': 'Until',
  'fact.reason': 'Reason',
  'fact.hours': 'Hours',
  'fact.findings': 'Findings',
  'fact.template': 'Template',
} as const;
