import type { photos as english } from '../en/photos.ts';
import type { Translation } from '../texts.ts';

/** Fotos und wozu sie verlangt werden, auf Deutsch. */
export const photos: Translation<typeof english> = {
  'photos.title': 'Fotos',
  'photos.count': '{count} von {needed} Fotos',
  'photos.alt': 'Foto {n}',
  'photos.sending': 'Wird gesendet…',
  'photos.remove': 'Entfernen',
  'photos.reading': 'Wird verkleinert…',
  'photos.take': 'Foto machen',
  'photos.choose': 'Fotos wählen',
  'photos.hint': 'Sie werden verkleinert und verlieren, wo und womit sie gemacht wurden.',
  'photos.full': 'Mehr als 20 Fotos werden hier nicht genommen.',
  'photos.offline': 'Es kam keine Antwort. Das Foto bleibt hier; noch einmal senden, wenn die Verbindung wieder da ist.',
  'photos.unreadable': '{name} ist kein Foto, das dieser Browser lesen kann. Ein anderes machen.',
  'task.evidence.done': 'Erledigt',
  'task.evidence.notPossible': 'Nicht möglich',
  'task.evidence.comment': 'Warum nicht, wenn es nicht geht',
  'resolve.choose': 'Wählen, wie es gelöst wurde',
  'resolve.needsNote': 'Dieses Kürzel braucht eine Notiz mit dem Grund.',
  'event.ExceptionReleased': '{actor} hat die Ausnahme zurückgegeben',
  'event.Reclassified': '{actor} hat die Ausnahme neu eingestuft',
  'event.Merged': '{actor} hat die Ausnahme mit einer gleichartigen zusammengelegt',
  'event.Unmerged': 'Die Ausnahme wird wieder für sich bearbeitet',
  'event.Linked': '{actor} hat die Ausnahme mit einer anderen verbunden',
  'event.Reopened': '{actor} hat die Ausnahme wieder geöffnet',
  'event.ExceptionNoted': '{actor} hat etwas notiert',
  'event.PhotoAttached': '{actor} hat ein Foto angehängt',
  'event.PhotoErased': '{actor} hat ein Foto gelöscht',
};
