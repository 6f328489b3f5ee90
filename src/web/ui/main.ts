import { loadTexts } from './locales/index.ts';
import { applyTheme } from './state/theme.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';

applyTheme();
// The app's own modules ask for texts while they are read: the chosen language comes first.
const [{ mountApp }] = await Promise.all([import('./mount.ts'), loadTexts()]);
mountApp();
