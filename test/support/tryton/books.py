"""Makes a Tryton database by Tryton's own models: a company, suppliers, products and purchases in process.

books.py <trytond.conf> <database>: the database must not be there yet. What stands in it is written to stdout as JSON.
"""
import datetime
import json
import os
import sys
from contextlib import contextmanager
from decimal import Decimal

from trytond.config import config

config.update_etc(sys.argv[1])

from trytond import backend  # noqa: E402
from trytond.model import ModelStorage  # noqa: E402
from trytond.pool import Pool  # noqa: E402
from trytond.transaction import Transaction  # noqa: E402

MODULES = ['purchase', 'stock', 'account_invoice', 'account_invoice_stock']
GROUPS = [
    ('stock', 'group_stock'), ('stock', 'group_stock_admin'), ('purchase', 'group_purchase'),
    ('account', 'group_account'), ('account', 'group_account_admin'), ('product', 'group_product_admin'),
    ]
ORDERS = 32


def create_database(name):
    open(os.path.join(config.get('database', 'path'), name + '.sqlite'), 'x').close()
    database = backend.Database(name)
    database.connect()
    database.init()
    pool = Pool(name)
    with unchecked():
        pool.init(update=['ir', 'res', *MODULES], lang=['en'], activatedeps=True)
    return pool


@contextmanager
def unchecked():
    """What the modules bring along was checked by who made them: half of the time goes into doing it again."""
    validate = ModelStorage.__dict__['_validate']
    ModelStorage._validate = classmethod(lambda cls, records, field_names=None: None)
    try:
        yield
    finally:
        ModelStorage._validate = validate


def create_company(pool):
    Currency, Party, Company = (pool.get(n) for n in ('currency.currency', 'party.party', 'company.company'))
    currency, = Currency.create([{
                'name': 'Euro', 'symbol': 'EUR', 'code': 'EUR', 'digits': 2, 'rounding': Decimal('0.01'),
                'rates': [('create', [{'date': datetime.date(2020, 1, 1), 'rate': Decimal(1)}])],
                }])
    party, = Party.create([{'name': 'Distribution', 'addresses': [('create', [{}])]}])
    company, = Company.create([{'party': party.id, 'currency': currency.id}])
    return company


def create_accounts(pool, company):
    Template, ModelData, Account = (
        pool.get(n) for n in ('account.account.template', 'ir.model.data', 'account.account'))
    CreateChart = pool.get('account.create_chart', type='wizard')
    session_id, _, _ = CreateChart.create()
    chart = CreateChart(session_id)
    chart.account.account_template = Template(ModelData.get_id('account', 'account_template_root_en'))
    chart.account.company = company
    chart.transition_create_account()

    def account(kind):
        return Account.search([('type.' + kind, '=', True), ('company', '=', company.id)], limit=1)[0]
    chart.properties.company = company
    chart.properties.account_receivable = account('receivable')
    chart.properties.account_payable = account('payable')
    chart.transition_create_properties()

    FiscalYear, Sequence, Strict, SequenceType = (pool.get(n) for n in (
            'account.fiscalyear', 'ir.sequence', 'ir.sequence.strict', 'ir.sequence.type'))
    move_type, = SequenceType.search([('name', '=', "Account Move")], limit=1)
    invoice_type, = SequenceType.search([('name', '=', "Invoice")], limit=1)
    moves, = Sequence.create([{'name': 'Moves', 'sequence_type': move_type.id, 'company': company.id}])
    invoices, = Strict.create([{'name': 'Invoices', 'sequence_type': invoice_type.id, 'company': company.id}])
    # One long year, so that the books may be kept and used again after New Year.
    year, = FiscalYear.create([{
                'name': 'Test', 'company': company.id, 'post_move_sequence': moves.id,
                'start_date': datetime.date(2020, 1, 1), 'end_date': datetime.date(2059, 12, 31),
                'invoice_sequences': [('create', [{
                                'company': company.id,
                                'in_invoice_sequence': invoices.id, 'in_credit_note_sequence': invoices.id,
                                'out_invoice_sequence': invoices.id, 'out_credit_note_sequence': invoices.id,
                                }])],
                }])
    FiscalYear.create_period([year], interval=120)
    return account('expense'), account('revenue')


def create_products(pool, expense, revenue):
    Category, Template, Uom = (pool.get(n) for n in ('product.category', 'product.template', 'product.uom'))
    category, = Category.create([{
                'name': 'Goods', 'accounting': True, 'account_expense': expense.id, 'account_revenue': revenue.id}])

    def product(code, name, unit, price):
        uom, = Uom.search([('name', '=', unit)])
        template, = Template.create([{
                    'name': name, 'type': 'goods', 'default_uom': uom.id, 'purchase_uom': uom.id, 'purchasable': True,
                    'list_price': Decimal(price), 'account_category': category.id,
                    'products': [('create', [{'suffix_code': code, 'cost_price': Decimal(price)}])],
                    }])
        return template.products[0]
    return product('CAN-5', 'Oil, can of 5 l', 'Unit', '12.40'), product('FLOUR', 'Flour', 'Kilogram', '0.85')


def create_orders(pool, company, products):
    Party, Purchase, PaymentTerm, Location, Sequence = (pool.get(n) for n in (
            'party.party', 'purchase.purchase', 'account.invoice.payment_term', 'stock.location', 'ir.sequence'))
    term, = PaymentTerm.create([{
                'name': 'At once', 'lines': [('create', [{'type': 'remainder', 'relativedeltas': [('create', [{}])]}])]}])
    supplier, = Party.create([{
                'name': 'Oil and Mill', 'addresses': [('create', [{'street': 'Am Hafen 1'}])],
                'supplier_payment_term': term.id}])
    warehouse, = Location.search([('type', '=', 'warehouse')])
    sequences = Sequence.search([('sequence_type.name', '=', 'Purchase')])
    Sequence.write(sequences, {'prefix': 'PO', 'padding': 4, 'number_next_internal': 1001})
    cans, flour = products
    orders = []
    for _ in range(ORDERS):
        order = Purchase(
            company=company, party=supplier, warehouse=warehouse, payment_term=term, currency=company.currency,
            purchase_date=datetime.date.today(), invoice_method='shipment')
        order.on_change_party()
        order.payment_term = term
        order.invoice_method = 'shipment'
        lines = []
        for product, quantity in ((cans, 40), (flour, 12.5)):
            line = pool.get('purchase.line')(purchase=order, product=product, quantity=quantity)
            line.on_change_product()
            line.unit_price = product.cost_price
            lines.append(line)
        order.lines = lines
        orders.append(order)
    Purchase.save(orders)
    Purchase.quote(orders)
    Purchase.confirm(orders)
    Purchase.process(orders)
    return supplier, warehouse


def create_users(pool, company):
    User, ModelData, Group = (pool.get(n) for n in ('res.user', 'ir.model.data', 'res.group'))
    groups = [ModelData.get_id(*group) for group in GROUPS]
    buyers = [*groups, ModelData.get_id('purchase', 'group_purchase_admin')]
    common = {'companies': [('add', [company.id])], 'company': company.id}
    User.create([
            {'name': 'Waybill', 'login': 'waybill', 'password': 'Quay7-Dolmetsch', 'groups': [('add', groups)], **common},
            {'name': 'Buyer', 'login': 'buyer', 'password': 'Quay8-Dolmetsch', 'groups': [('add', buyers)], **common},
            {'name': 'Nobody', 'login': 'nobody', 'password': 'Quay9-Dolmetsch', **common},
            ])


def main():
    name = sys.argv[2]
    pool = create_database(name)
    with Transaction().start(name, 1) as transaction:
        company = create_company(pool)
        User = pool.get('res.user')
        User.write([User(1)], {'companies': [('add', [company.id])], 'company': company.id})
        with transaction.set_context(User.get_preferences(context_only=True)):
            expense, revenue = create_accounts(pool, company)
            create_users(pool, company)
            products = create_products(pool, expense, revenue)
            supplier, warehouse = create_orders(pool, company, products)
            print(json.dumps({
                        'company': company.id, 'supplier': supplier.id, 'warehouse': warehouse.id,
                        'products': {p.code: p.id for p in products},
                        }))
        transaction.commit()


main()
