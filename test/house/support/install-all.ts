/** Run beside the checks of `npm test`: what comes from the registry is there when a test asks for it. */
import { installAll } from './installations.ts';

await installAll();
