/** An Express server that books receipts by key, in a process of its own: `node peer.ts`; prints its port. */
import type { AddressInfo } from 'node:net';
import express from 'express';

const booked = new Map<string, string>();
const app = express();
app.use(express.json());
app.post('/receipts', (request, response) => {
  const key = request.get('idempotency-key') ?? '';
  const number = booked.get(key) ?? `GR-${booked.size + 1}`;
  if (key !== '') booked.set(key, number);
  response.status(201).json({ number, quantity: (request.body as { quantity?: unknown }).quantity });
});
app.get('/stats', (_request, response) => { response.json({ booked: booked.size }); });
const server = app.listen(0, '127.0.0.1', () => { process.stdout.write(`${JSON.stringify({ listening: (server.address() as AddressInfo).port })}\n`); });
