import assert from 'node:assert/strict';

import { childrenOf, readXml, XmlError } from '../../src/connectors/xml.ts';

const refused = (source: string | Uint8Array, message: RegExp, limits = {}): void => {
  assert.throws(() => readXml(source, limits), (error) => error instanceof XmlError && message.test(error.message));
};

describe('XML of other systems', () => {
  it('is read with namespaces, attributes, text and CDATA', () => {
    const root = readXml('<a xmlns="urn:a" xmlns:b="urn:b" b:x="1" y="&lt;&#65;&#x1F4E6;"><b:c>one<![CDATA[<two>]]></b:c><c/></a>');
    assert.deepEqual({ ...root.attributes }, { '{urn:b}x': '1', 'y': '<A\u{1f4e6}' });
    assert.equal(root.namespace, 'urn:a');
    assert.deepEqual(childrenOf(root, 'c').map((child) => [child.namespace, child.text]), [['urn:b', 'one<two>'], ['urn:a', '']]);
  });

  it('is read in the encoding that it declares', () => {
    assert.equal(readXml(Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>\u00e4</a>', 'latin1')).text, '\u00e4');
    assert.equal(readXml(Buffer.from('\ufeff<a>\u00e4</a>', 'utf16le')).text, '\u00e4');
    assert.equal(readXml(Buffer.from('\ufeff<a>\u00e4</a>', 'utf8')).text, '\u00e4');
    refused(Buffer.from('<a>\u00e4</a>', 'latin1'), /cannot be read as utf-8/);
  });

  it('is refused with entities that grow, that fetch, or that nobody declared', () => {
    refused('<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>', /has a DOCTYPE/);
    refused('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', /has a DOCTYPE/);
    refused('<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]><a/>', /has a DOCTYPE/);
    refused('<a>&b;</a>', /line 1, column \d+: &b; is no entity of XML/);
  });

  it('is refused when it is damaged, too long, too deep or empty', () => {
    refused('<a><b></a>', /damaged at line 1/);
    refused('<a>', /damaged/);
    refused('<a/>', /longer than 3 bytes/, { maxBytes: 3 });
    refused('<a>'.repeat(65) + '</a>'.repeat(65), /deeper than 64/);
    refused('<a/><a/>', /second root/);
    refused('<a b="1" b="2"/>', /already defined/);
    refused('<a>&#0;</a>', /no entity/);
    refused('<x:a/>', /prefix x is not declared/);
    refused('', /damaged|empty/);
  });

  it('has no names that come from Object', () => {
    const root = readXml('<a constructor="y"/>');
    assert.deepEqual(Object.entries(root.attributes), [['constructor', 'y']]);
    assert.equal(root.attributes['toString'], undefined);
  });
});
