import type { MappingProblem, MappingProblemCode } from './problem.ts';

export type MappingLanguage = 'en' | 'de';

/** One sentence for each problem, which says what to do. `__value__` and the like are filled in. */
const TEXTS: Readonly<Record<MappingProblemCode, readonly [en: string, de: string]>> = {
  'shape': ['The mapping is malformed at "__what__"; docs/mapping.md says how one is written.', 'Die Zuordnung ist bei „__what__“ falsch aufgebaut; docs/mapping.md zeigt, wie man sie schreibt.'],
  'to-form': ['"__to__" is no place of the target; write a JSON Pointer such as /lines.', '„__to__“ ist keine Stelle des Ziels; schreiben Sie einen JSON Pointer wie /lines.'],
  'from-form': ['"__from__" is no place of the source; write a JSON Pointer such as /items, or #/number for the whole document.', '„__from__“ ist keine Stelle der Quelle; schreiben Sie einen JSON Pointer wie /items, oder #/number für das ganze Dokument.'],
  'no-source': ['Nothing says where the value comes from; choose a source field, a constant, an expression or a list.', 'Es fehlt, woher der Wert kommt; wählen Sie ein Feld der Quelle, einen festen Wert, einen Ausdruck oder eine Liste.'],
  'several-sources': ['The value comes from several sources at once (__sources__); leave one.', 'Der Wert kommt aus mehreren Quellen zugleich (__sources__); lassen Sie eine stehen.'],
  'rows-missing': ['Nothing says what becomes of each entry of the list; map at least one of its fields.', 'Es fehlt, was aus jedem Eintrag der Liste wird; ordnen Sie mindestens eines seiner Felder zu.'],
  'packaging-list': ['The packaging levels cannot be used: __detail__', 'Die Packstufen können nicht verwendet werden: __detail__'],
  'twice': ['__to__ is mapped twice; leave one of the rows.', '__to__ ist zweimal zugeordnet; lassen Sie eine der Zeilen stehen.'],
  'to-unknown': ['The target has no field __to__; choose one of its fields.', 'Das Ziel hat kein Feld __to__; wählen Sie eines seiner Felder.'],
  'to-unnamed': ['The target does not name __to__, but allows it; look whether it is spelt right.', 'Das Ziel nennt __to__ nicht, lässt es aber zu; prüfen Sie die Schreibweise.'],
  'from-unknown': ['The source has no field __from__; choose one of its fields.', 'Die Quelle hat kein Feld __from__; wählen Sie eines ihrer Felder.'],
  'required-unmapped': ['The target needs __to__, and nothing gives it; map it.', 'Das Ziel verlangt __to__, und nichts liefert es; ordnen Sie es zu.'],
  'may-be-missing': ['The target needs this, and the source may be without __from__; give a default, or leave it when nothing shall be sent then.', 'Das Ziel verlangt dies, und der Quelle kann __from__ fehlen; geben Sie einen Ersatzwert an, oder lassen Sie es, wenn dann nichts gesendet werden soll.'],
  'kinds': ['The source gives __from__, the target takes __to__; choose another field, or convert it.', 'Die Quelle liefert __from__, das Ziel nimmt __to__; wählen Sie ein anderes Feld oder wandeln Sie es um.'],
  'too-fine-perhaps': ['The source can have __has__ decimals, the target takes __places__; say how to round, or such documents are refused.', 'Die Quelle kann __has__ Nachkommastellen haben, das Ziel nimmt __places__; legen Sie die Rundung fest, sonst werden solche Dokumente abgelehnt.'],
  'not-a-list-there': ['__from__ is no list in the source; choose one that is.', '__from__ ist in der Quelle keine Liste; wählen Sie eine.'],
  'list-unknown': ['The code list "__list__" is not there; choose one of the catalogue, with its version.', 'Die Codeliste „__list__“ gibt es nicht; wählen Sie eine aus dem Katalog, mit Version.'],
  'zone-unknown': ['"__zone__" is no time zone; write one such as Europe/Berlin.', '„__zone__“ ist keine Zeitzone; schreiben Sie eine wie Europe/Berlin.'],
  'zone-needed': ['A time without a time zone can be any of 24 hours; say in the date conversion of which zone it is.', 'Eine Uhrzeit ohne Zeitzone kann jede von 24 Stunden sein; legen Sie in der Datumsumwandlung fest, welche Zone gilt.'],
  'format-unknown': ['"__format__" is no form of a date; write it with YYYY, MM, DD, HH, mm, ss, SSS and Z, for example DD.MM.YYYY.', '„__format__“ ist kein Datumsformat; schreiben Sie es mit YYYY, MM, DD, HH, mm, ss, SSS und Z, zum Beispiel DD.MM.YYYY.'],
  'places': ['Rounding needs a number of decimals from 0 to 12 and a rule.', 'Zum Runden gehören eine Zahl von Nachkommastellen von 0 bis 12 und eine Regel.'],
  'unit-code': ['"__unit__" is no unit; write a code of UN/ECE Recommendation 20, for example KGM, or choose a field that holds it.', '„__unit__“ ist keine Einheit; schreiben Sie einen Code der UN/ECE-Empfehlung 20, zum Beispiel KGM, oder wählen Sie ein Feld, das ihn enthält.'],
  'expression-form': ['The expression is empty; write one, or choose a source field.', 'Der Ausdruck ist leer; schreiben Sie einen, oder wählen Sie ein Feld der Quelle.'],
  'expression-unknown': ['The expression is no JSONata: __detail__', 'Der Ausdruck ist kein JSONata: __detail__'],
  'constant': ['The constant __value__ is not what the target takes (__to__).', 'Der feste Wert __value__ ist nicht, was das Ziel nimmt (__to__).'],
  'constant-decimal': ['"__value__" is no decimal number; write it like 1250.00.', '„__value__“ ist keine Dezimalzahl; schreiben Sie sie wie 1250.00.'],
  'constant-whole': ['"__value__" is no whole number; write it like 12.', '„__value__“ ist keine ganze Zahl; schreiben Sie sie wie 12.'],
  'constant-places': ['"__value__" has __has__ decimals, and __places__ are allowed; write fewer.', '„__value__“ hat __has__ Nachkommastellen, erlaubt sind __places__; schreiben Sie weniger.'],
  'constant-digits': ['"__value__" has more than the __digits__ digits that are allowed; write a smaller number.', '„__value__“ hat mehr als die erlaubten __digits__ Stellen; schreiben Sie eine kleinere Zahl.'],
  'constant-date': ['"__value__" is no day that there is; write it like 2026-03-02.', '„__value__“ ist kein Tag, den es gibt; schreiben Sie ihn wie 2026-03-02.'],
  'constant-time': ['"__value__" is no time with its zone; write it like 2026-03-02T08:00:00Z.', '„__value__“ ist keine Zeit mit Zone; schreiben Sie sie wie 2026-03-02T08:00:00Z.'],
  'constant-long': ['"__value__" has __has__ characters, and __most__ are allowed; shorten it.', '„__value__“ hat __has__ Zeichen, erlaubt sind __most__; kürzen Sie es.'],
  'constant-short': ['"__value__" has __has__ characters, and at least __least__ are needed; write it in full.', '„__value__“ hat __has__ Zeichen, nötig sind mindestens __least__; schreiben Sie es ganz.'],
  'constant-pattern': ['"__value__" does not have the form that the target asks for; write what fits the pattern __pattern__.', '„__value__“ hat nicht die Form, die das Ziel verlangt; schreiben Sie, was zum Muster __pattern__ passt.'],
  'constant-least': ['__value__ is too small; the target takes __least__ and more.', '__value__ ist zu klein; das Ziel nimmt __least__ und mehr.'],
  'constant-most': ['__value__ is too large; the target takes __most__ and less.', '__value__ ist zu groß; das Ziel nimmt __most__ und weniger.'],
  'constant-member': ['The constant lacks __member__, which the target needs; add it.', 'Dem festen Wert fehlt __member__, das Ziel verlangt es; fügen Sie es hinzu.'],
  'constant-extra': ['The constant has __member__, which the target does not know; take it out.', 'Der feste Wert hat __member__, das Ziel kennt es nicht; nehmen Sie es heraus.'],
  'missing': ['The source has nothing at __place__, and the target needs it; ask the sender for it, or give a default.', 'Die Quelle hat nichts an __place__, und das Ziel verlangt es; fragen Sie den Absender danach, oder geben Sie einen Ersatzwert an.'],
  'type': ['__value__ is __type__, and __wanted__ is needed; choose another field, or convert it.', '__value__ ist __type__, verlangt ist __wanted__; wählen Sie ein anderes Feld oder wandeln Sie es um.'],
  'no-decimal': ['"__value__" is no decimal number written like 1250.00; add the conversion that reads it, or have the sender mend it.', '„__value__“ ist keine Dezimalzahl in der Form 1250.00; fügen Sie die Umwandlung hinzu, die sie liest, oder lassen Sie den Absender sie berichtigen.'],
  'too-fine': ['"__value__" has __has__ decimals, and __places__ are allowed; nothing is rounded unasked: add a rounding rule, or have the sender mend it.', '„__value__“ hat __has__ Nachkommastellen, erlaubt sind __places__; ungefragt wird nicht gerundet: fügen Sie eine Rundungsregel hinzu, oder lassen Sie den Absender den Wert berichtigen.'],
  'too-large': ['"__value__" has more than the __digits__ digits before the point that are allowed; have the sender look at it.', '„__value__“ hat mehr als die erlaubten __digits__ Stellen vor dem Komma; lassen Sie den Absender danach sehen.'],
  'imprecise': ['__value__ has more than __digits__ digits and is a number, so its last digits may be lost; have it sent as text.', '__value__ hat mehr als __digits__ Stellen und ist eine Zahl, die letzten Stellen können also verloren sein; lassen Sie es als Text senden.'],
  'float': ['The expression counts to __value__, a number with decimals, whose last digits nobody knows; count with $plus, $times, $divide, which give exact text.', 'Der Ausdruck ergibt __value__, eine Zahl mit Nachkommastellen, deren letzte Stellen niemand kennt; rechnen Sie mit $plus, $times, $divide, die genauen Text liefern.'],
  'not-a-list': ['There is no list, but __value__; choose a place that holds a list.', 'Hier steht keine Liste, sondern __value__; wählen Sie eine Stelle, die eine Liste enthält.'],
  'code-missing': ['The code "__value__" is not in the code list __list__; add it there and publish a new version.', 'Der Code „__value__“ steht nicht in der Codeliste __list__; nehmen Sie ihn dort auf und veröffentlichen Sie eine neue Version.'],
  'date-form': ['"__value__" is no date of the form __format__; choose the form that the sender uses, or have it mended.', '„__value__“ ist kein Datum der Form __format__; wählen Sie die Form, die der Absender verwendet, oder lassen Sie es berichtigen.'],
  'date-unreal': ['"__value__" is no day or time that there is; have the sender mend it.', '„__value__“ ist kein Tag und keine Uhrzeit, die es gibt; lassen Sie den Absender das berichtigen.'],
  'zone-missing': ['"__value__" does not say of which time zone it is; say the zone in the date conversion, or have the sender write it with an offset such as +01:00.', '„__value__“ sagt nicht, welche Zeitzone gilt; legen Sie die Zone in der Datumsumwandlung fest, oder lassen Sie den Absender einen Versatz wie +01:00 dazuschreiben.'],
  'time-skipped': ['"__value__" is a time that the clock change in __zone__ leaves out; have the sender write it with an offset.', '„__value__“ ist eine Uhrzeit, die die Zeitumstellung in __zone__ überspringt; lassen Sie den Absender einen Versatz dazuschreiben.'],
  'time-twice': ['"__value__" is a time that there is twice in __zone__ because of the clock change; have the sender write it with an offset.', '„__value__“ gibt es in __zone__ wegen der Zeitumstellung zweimal; lassen Sie den Absender einen Versatz dazuschreiben.'],
  'unit-unknown': ['"__unit__" is no unit that can be converted; translate it by a code list to UN/ECE Recommendation 20 first.', '„__unit__“ ist keine Einheit, die umgerechnet werden kann; übersetzen Sie sie zuerst mit einer Codeliste in die UN/ECE-Empfehlung 20.'],
  'unit-kinds': ['__from__ does not convert to __to__: they measure different things; for packages use the packaging levels.', '__from__ lässt sich nicht in __to__ umrechnen: sie messen Verschiedenes; für Packungen gibt es die Packstufen.'],
  'uneven': ['__value__ is no even number of packages: __gtin__ holds __each__; map base units instead.', '__value__ geht in Packungen nicht auf: __gtin__ enthält __each__; ordnen Sie stattdessen Basiseinheiten zu.'],
  'pack-unknown': ['"__gtin__" is not among the packaging levels; add it there.', '„__gtin__“ steht nicht in den Packstufen; nehmen Sie es dort auf.'],
  'no-packaging': ['There are no packaging levels to convert "__gtin__" with; give the item contract\'s packaging, or take the conversion out.', 'Es gibt keine Packstufen, um „__gtin__“ umzurechnen; geben Sie die Packstufen an, oder nehmen Sie die Umwandlung heraus.'],
  'currency-unknown': ['"__currency__" is no currency of ISO 4217; translate it by a code list first.', '„__currency__“ ist keine Währung nach ISO 4217; übersetzen Sie sie zuerst mit einer Codeliste.'],
  'no-boolean': ['"__value__" is neither yes (__yes__) nor no (__no__); add it to one of them.', '„__value__“ ist weder ja (__yes__) noch nein (__no__); nehmen Sie es bei einem davon auf.'],
  'expression-failed': ['The expression failed: __detail__', 'Der Ausdruck ist gescheitert: __detail__'],
  'operand-missing': ['The conversion needs what stands at __place__, and nothing does; ask the sender for it.', 'Die Umwandlung braucht, was an __place__ steht, und dort steht nichts; fragen Sie den Absender danach.'],
  'too-long': ['"__value__" has __has__ characters, and __most__ are allowed; shorten it with an expression, or have the sender mend it.', '„__value__“ hat __has__ Zeichen, erlaubt sind __most__; kürzen Sie es mit einem Ausdruck, oder lassen Sie den Absender es berichtigen.'],
  'not-a-choice': ['"__value__" is none of __choices__; translate it by a code list, or choose a constant.', '„__value__“ ist keines von __choices__; übersetzen Sie es mit einer Codeliste, oder wählen Sie einen festen Wert.'],
  'too-many': ['__has__ are more than the __most__ that are allowed; split it.', '__has__ sind mehr als die erlaubten __most__; teilen Sie sie auf.'],
};

/** The sentence about a problem, without its place. */
export function mappingProblemText({ code, values }: MappingProblem, language: MappingLanguage = 'en'): string {
  return TEXTS[code][language === 'de' ? 1 : 0].replace(/__(\w+)__/g, (_all, key: string) => Object.hasOwn(values, key) ? values[key]! : '');
}

/** The sentence with where it is: of a document, target first. */
export function mappingProblemSentence(problem: MappingProblem, language: MappingLanguage = 'en'): string {
  const { at, from } = problem;
  const place = [at, ...(from === undefined || from === '' ? [] : [`← ${from}`])].filter((part) => part !== '').join(' ');
  return `${place === '' ? '' : `${place}: `}${mappingProblemText(problem, language)}`;
}
