import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

/** Relative addresses: the server writes the app's real place into `<base>`. */
export default defineConfig({
  base: './',
  plugins: [vue()],
  build: {
    target: 'es2022',
    // The content security policy allows no inline scripts, and browsers of today need no polyfill.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});
