/** A text, or its plural forms. */
export type Text = string | { readonly one: string; readonly other: string };

/** What a translation of an area has to bring: every key of the English one, with plural forms where it has them. */
export type Translation<T> = { readonly [K in keyof T]: T[K] extends string ? string : { readonly one: string; readonly other: string } };
