/** Configuration of `erp` and `wms` nodes, version 1. */
export interface BusinessCallNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  /** Config node of the system that is called. */
  readonly systemNode: string;
  /** What is done, in words of the business: `book-goods-receipt`. */
  readonly business: string;
  /** The service that offers it, `family/name@1.2.3`, and its operation. */
  readonly service: string;
  readonly operation: string;
  /** The canonical document. */
  readonly body: string;
  readonly bodyType: string;
  /** Dot path in the case document. */
  readonly recordAs: string;
  readonly milestone: string;
  /** Output 3 takes conflicts. */
  readonly conflictOutput: boolean;
  /** Number of the node's outputs, kept by the editor. */
  readonly outputs: number;
  readonly configVersion: number;
}

export const BUSINESS_CALL_DEFAULTS: BusinessCallNodeConfig = {
  name: '', stepId: '', requires: '', systemNode: '', business: '', service: '', operation: '', body: 'payload', bodyType: 'msg', recordAs: '', milestone: '', conflictOutput: false, outputs: 2, configVersion: 1,
};
