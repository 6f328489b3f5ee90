/**
 * What people choose first, from the tops of published breach lists, in small letters. A password of
 * fifteen characters is seldom on such a list as it stands; what is there are these words repeated, joined
 * and lengthened with digits, so the rules compare a password with what can be made of them.
 */
export const commonWords: readonly string[] = [
  'password', 'passwort', 'passw', 'kennwort', 'geheim', 'secret', 'letmein', 'welcome', 'willkommen', 'hallo', 'hello', 'admin', 'administrator',
  'root', 'user', 'guest', 'test', 'demo', 'login', 'default', 'changeme', 'change', 'master', 'access', 'qwerty', 'qwertz', 'azerty', 'qwert', 'asdf',
  'asdfgh', 'asdfghjkl', 'yxcvbnm', 'zxcvbnm', 'zxcvbn', 'qwertyuiop', 'qwertzuiop', 'qazwsx', 'qazwsxedc', 'abc', 'abcd', 'abcdef', 'abcdefg',
  'iloveyou', 'loveyou', 'love', 'liebe', 'schatz', 'sunshine', 'princess', 'monkey', 'dragon', 'football', 'fussball', 'baseball', 'superman',
  'batman', 'shadow', 'michael', 'jordan', 'jennifer', 'thomas', 'daniel', 'jessica', 'ashley', 'charlie', 'freedom', 'whatever', 'trustno',
  'starwars', 'pokemon', 'computer', 'internet', 'server', 'samsung', 'google', 'microsoft', 'windows', 'summer', 'winter', 'spring', 'autumn',
  'sommer', 'herbst', 'fruehling', 'monday', 'montag', 'january', 'januar', 'company', 'firma', 'logistics', 'logistik', 'warehouse', 'lager',
  'pass', 'word', 'please', 'bitte', 'thequickbrownfox', 'correcthorsebatterystaple', 'correct', 'horse', 'battery', 'staple', 'mynameis', 'ihatethis',
];

/** Words of the product, which stand in everybody's first guesses. */
export const productWords: readonly string[] = ['waybill', 'nodered', 'node', 'mqtt', 'scanner'];

/** Rows of keys and the alphabet; any stretch of them, in either direction, counts as one. */
export const sequences: readonly string[] = [
  '12345678901234567890', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiopasdfghjklzxcvbnm', 'qwertzuiopasdfghjklyxcvbnm', 'azertyuiopqsdfghjklmwxcvbn', '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
];
