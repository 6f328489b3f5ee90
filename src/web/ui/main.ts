import { createApp } from 'vue';
import App from './app.vue';
import { router } from './router.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';

createApp(App).use(router).mount('#app');
