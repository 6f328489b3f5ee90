"""Goods receipts over SOAP 1.1 and 1.2 by spyne (Debian's python3-spyne): what other hands wrote speaks against our driver.

Usage: receipts.py <port> <file of booked receipts>
"""
import json
import os
import sys
from decimal import Decimal
from socketserver import ThreadingMixIn
from threading import Lock
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from spyne import Application, ComplexModel, DateTime, Decimal as XsdDecimal, Fault, Integer32, Iterable, ServiceBase, Unicode, XmlAttribute, rpc
from spyne.protocol.soap import Soap11, Soap12
from spyne.server.wsgi import WsgiApplication
from spyne.util.wsgi_wrapper import WsgiMounter

NS = 'urn:example:receipts'
PORT, FILE = int(sys.argv[1]), sys.argv[2]
LOCK = Lock()


class Line(ComplexModel):
    __namespace__ = NS
    item = Unicode(min_occurs=1, nillable=False, max_len=20)
    quantity = XsdDecimal(18, 9, min_occurs=1, nillable=False)
    unit = XmlAttribute(Unicode)


class Receipt(ComplexModel):
    __namespace__ = NS
    key = Unicode(min_occurs=1, nillable=False)
    order = Unicode(min_occurs=1, nillable=False)
    arrived = DateTime(min_occurs=1, nillable=False)
    lines = Line.customize(max_occurs='unbounded', min_occurs=1)
    note = Unicode


class Booked(ComplexModel):
    __namespace__ = NS
    number = Integer32(min_occurs=1)
    total = XsdDecimal(min_occurs=1)
    lines = Line.customize(max_occurs='unbounded')


class OrderClosed(Fault):
    __namespace__ = NS

    def __init__(self, order):
        super().__init__('Client.OrderClosed', f'The order {order} is closed.')


def booked():
    if not os.path.exists(FILE):
        return []
    with open(FILE, encoding='utf-8') as file:
        return [json.loads(line) for line in file]


def shown(entry):
    return Booked(number=entry['number'], total=Decimal(entry['total']), lines=[Line(item=each['item'], quantity=Decimal(each['quantity']), unit=each['unit']) for each in entry['lines']])


class Receipts(ServiceBase):
    @rpc(Receipt, _returns=Booked)
    def bookReceipt(ctx, receipt):
        """Books what came in, each key once."""
        if receipt.order == 'CLOSED':
            raise OrderClosed(receipt.order)
        if receipt.order == 'BROKEN':
            raise ValueError('the database is away')
        with LOCK:
            known = next((each for each in booked() if each['key'] == receipt.key), None)
            if known is None:
                lines = [{'item': each.item, 'quantity': format(each.quantity, 'f'), 'unit': each.unit} for each in receipt.lines]
                known = {'key': receipt.key, 'number': len(booked()) + 1, 'order': receipt.order, 'arrived': receipt.arrived.isoformat(), 'note': receipt.note, 'lines': lines, 'total': format(sum(Decimal(each['quantity']) for each in lines), 'f')}
                with open(FILE, 'a', encoding='utf-8') as file:
                    file.write(json.dumps(known) + '\n')
                    file.flush()
                    os.fsync(file.fileno())
        return shown(known)

    @rpc(Unicode, _returns=Iterable(Booked))
    def receiptsOf(ctx, order):
        return [shown(each) for each in booked() if each['order'] == order]


def app(protocol):
    return WsgiApplication(Application([Receipts], NS, name='Receipts', in_protocol=protocol(validator='lxml'), out_protocol=protocol()))


class Quiet(WSGIRequestHandler):
    def log_message(self, *_args):
        pass


class Threading(ThreadingMixIn, WSGIServer):
    daemon_threads = True


make_server('127.0.0.1', PORT, WsgiMounter({'soap11': app(Soap11), 'soap12': app(Soap12)}), server_class=Threading, handler_class=Quiet).serve_forever()
