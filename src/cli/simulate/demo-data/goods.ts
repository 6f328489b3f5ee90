/** What a distributor of technical and household goods buys, and from whom. Names and prefixes are invented; 952 is GS1's prefix for examples. */

export interface Supplier {
  readonly id: string;
  readonly name: string;
  /** GS1 company prefix, seven digits. */
  readonly prefix: string;
}

export interface Article {
  readonly name: string;
  readonly unit: 'EA' | 'CS' | 'KGM';
  /** Net price of one unit in euro. */
  readonly price: string;
  /** Units on one full pallet. */
  readonly pallet: number;
  /** Perishable or batch-managed goods carry a lot. */
  readonly lot: boolean;
}

export const SUPPLIERS: readonly Supplier[] = [
  { id: 'S-1001', name: 'Nordhafen Werkzeug GmbH', prefix: '9521001' },
  { id: 'S-1002', name: 'Bakker & Vos Verpakking BV', prefix: '9521002' },
  { id: 'S-1003', name: 'Carrara Elettrica SpA', prefix: '9521003' },
  { id: 'S-1004', name: 'Molins Químics SL', prefix: '9521004' },
  { id: 'S-1005', name: 'Tatra Papír s.r.o.', prefix: '9521005' },
  { id: 'S-1006', name: 'Østby Sjømat AS', prefix: '9521006' },
  { id: 'S-1007', name: 'Hollins Fasteners Ltd', prefix: '9521007' },
  { id: 'S-1008', name: 'Lumière & Fils SARL', prefix: '9521008' },
];

export const ARTICLES: readonly Article[] = [
  { name: 'Cordless drill 18 V, two batteries', unit: 'EA', price: '89.90', pallet: 60, lot: false },
  { name: 'Hex bolt M8 × 40 zinc plated, box of 200', unit: 'CS', price: '18.40', pallet: 240, lot: false },
  { name: 'Wood screw 5 × 60, box of 500', unit: 'CS', price: '21.75', pallet: 220, lot: false },
  { name: 'LED panel 600 × 600, 4000 K', unit: 'EA', price: '32.10', pallet: 80, lot: false },
  { name: 'Installation cable 3 × 1.5, 100 m ring', unit: 'EA', price: '54.00', pallet: 45, lot: true },
  { name: 'Circuit breaker B16, pack of 12', unit: 'CS', price: '47.30', pallet: 180, lot: false },
  { name: 'Nitrile gloves size L, box of 100', unit: 'CS', price: '7.95', pallet: 480, lot: true },
  { name: 'Safety shoes S3, size 43', unit: 'EA', price: '61.50', pallet: 96, lot: false },
  { name: 'Copy paper A4 80 g, carton of 5', unit: 'CS', price: '19.90', pallet: 200, lot: false },
  { name: 'Stretch film 23 µm, 500 mm', unit: 'EA', price: '6.20', pallet: 252, lot: false },
  { name: 'Shipping carton 400 × 300 × 200, bundle of 25', unit: 'CS', price: '14.80', pallet: 120, lot: false },
  { name: 'Packing tape 50 mm, box of 36', unit: 'CS', price: '38.60', pallet: 100, lot: false },
  { name: 'Hand cleaner 3 l with dispenser', unit: 'EA', price: '12.45', pallet: 160, lot: true },
  { name: 'Disinfectant 5 l', unit: 'EA', price: '17.20', pallet: 112, lot: true },
  { name: 'Dishwasher salt 10 kg', unit: 'EA', price: '4.10', pallet: 90, lot: true },
  { name: 'Ground coffee 500 g, carton of 12', unit: 'CS', price: '63.00', pallet: 108, lot: true },
  { name: 'Mineral water 0.75 l, crate of 12', unit: 'CS', price: '5.60', pallet: 40, lot: true },
  { name: 'Cod fillet frozen, by weight', unit: 'KGM', price: '9.85', pallet: 600, lot: true },
  { name: 'Work lamp 20 W, foldable', unit: 'EA', price: '27.30', pallet: 144, lot: false },
  { name: 'Extension lead 5 m, four sockets', unit: 'EA', price: '11.15', pallet: 210, lot: false },
];
