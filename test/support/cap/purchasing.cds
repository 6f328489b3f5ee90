namespace peer;

entity PurchaseOrders {
  key orderNo    : String(10);
      supplier   : String(40);
      currency   : String(3);
      status     : String(10) default 'open';
      note       : String(200);
      @odata.etag
      modifiedAt : Timestamp @cds.on.insert: $now @cds.on.update: $now;
      items      : Composition of many PurchaseOrderItems on items.order = $self;
}

entity PurchaseOrderItems {
  key order    : Association to PurchaseOrders;
  key line     : Integer;
      item     : String(20);
      quantity : Decimal(15, 3);
      received : Decimal(15, 3) default 0;
      unit     : String(3);
      price    : Decimal(15, 2);
}

@assert.unique: { reference: [ reference ] }
entity GoodsReceipts {
  key ID          : UUID;
      reference   : String(22) not null;
      order       : Association to PurchaseOrders;
      postingDate : Date;
      countedAt   : DateTime;
      scans       : Int64;
      status      : String(10) default 'draft';
      items       : Composition of many GoodsReceiptItems on items.receipt = $self;
}

entity GoodsReceiptItems {
  key receipt  : Association to GoodsReceipts;
  key line     : Integer;
      orderLine: Integer;
      quantity : Decimal(15, 3);
      lot      : String(20);
}

entity Invoices {
  key invoiceNo : String(20);
      order     : Association to PurchaseOrders;
      amount    : Decimal(15, 2);
      currency  : String(3);
      matched   : Boolean default false;
}

@path: '/odata/v4/purchasing'
service Purchasing {
  entity PurchaseOrders     as projection on peer.PurchaseOrders;
  entity PurchaseOrderItems as projection on peer.PurchaseOrderItems;
  @cds.query.limit: { default: 10, max: 10 }
  entity GoodsReceipts      as projection on peer.GoodsReceipts actions {
    action postReceipt() returns GoodsReceipts;
  };
  entity GoodsReceiptItems  as projection on peer.GoodsReceiptItems;
  entity Invoices           as projection on peer.Invoices;
  /** Compares an invoice with what was received; refuses when it does not agree to the cent. */
  action   matchInvoice(invoiceNo : String(20), amount : Decimal(15, 2)) returns Invoices;
  function openQuantity(orderNo : String(10), line : Integer) returns Decimal(15, 3);
}
