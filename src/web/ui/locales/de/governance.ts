/** Worum die Regelaufsicht bittet, und die Notöffnung, auf Deutsch. */
export const governance = {
  'governance.process': 'Regelaufsicht',
  'governance.waiverEnds': 'Die Freistellung von {rule} endet am {day}',
  'governance.waiverEndsQuestion': 'Von da an ist wieder ein Befund, was sie abdeckt, und weist die nächste Übernahme zurück. Lassen Sie es vorher beheben, oder signieren Sie eine neue Freistellung; melden Sie dann, dass es erledigt ist.',
  'governance.breakGlass': 'Notöffnung in {site}: {rules}',
  'governance.breakGlassQuestion': 'Sehen Sie nach, was gegen diese Regeln übernommen wurde und ob es noch läuft: Lassen Sie es beheben, oder beantworten Sie es mit einer Freistellung oder einer neuen Version. Genehmigen Sie, wenn das erledigt ist; lehnen Sie mit einem Kommentar ab, wenn es nicht hätte sein dürfen.',
  'fact.rule': 'Regel',
  'fact.rules': 'Regeln',
  'fact.family': 'Prozess',
  'fact.until': 'Bis',
  'fact.reason': 'Grund',
  'fact.hours': 'Stunden',
  'fact.findings': 'Befunde',
  'fact.template': 'Vorlage',
} as const;
