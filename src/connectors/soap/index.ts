export { soapDriver } from './driver.ts';
export { importWsdl, WsdlError } from './wsdl/import.ts';
