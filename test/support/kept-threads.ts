/**
 * Imported for what it does: ledgers that are opened one after the other in the process of the tests share their threads. Starting two
 * for each test costs more than most tests. The tests of the ledger itself have their own, as it is where it runs.
 */
import { keepThreads } from '../../src/ledger/sqlite/threads.ts';

keepThreads();
